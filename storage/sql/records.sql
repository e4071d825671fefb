-- name: find
SELECT organization, attributes FROM customer_records
 WHERE matched_by = :matched_by AND key = :key;

-- name: put
INSERT INTO customer_records (matched_by, key, organization, attributes, imported_at)
VALUES (:matched_by, :key, :organization, :attributes, :imported_at)
ON CONFLICT (matched_by, key) DO UPDATE
   SET organization = excluded.organization, attributes = excluded.attributes,
       imported_at = excluded.imported_at;

-- name: drop_others
DELETE FROM customer_records WHERE imported_at <> :imported_at;
