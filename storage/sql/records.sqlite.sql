-- name: put
-- A key that is there already stays as it is, and comes back as it is.
INSERT INTO customer_records (import, matched_by, key, organization, attributes, line)
VALUES (:number, :matched_by, :key, :organization, :attributes, :line)
ON CONFLICT (import, matched_by, key) DO UPDATE SET line = customer_records.line
RETURNING matched_by, key, organization, attributes, line;
