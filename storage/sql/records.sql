-- name: _newest
SELECT matched_by, key, organization, attributes, line
  FROM customer_records
 WHERE import = (SELECT max(id) FROM customer_imports WHERE ended_at IS NOT NULL);

-- name: find
/*+ _newest */
   AND matched_by = :matched_by AND key = :key
UNION ALL
/*+ _newest */
   AND matched_by = 'domain' AND key IN (:domain, :above, :second, :third, :fourth);

-- name: running
SELECT id FROM customer_imports
 WHERE ended_at IS NULL AND file = :file AND touched_at > :since;

-- name: drop_dead
DELETE FROM customer_imports WHERE ended_at IS NULL AND touched_at <= :since;

-- name: begin
INSERT INTO customer_imports (file, fingerprint, configured, began_at, touched_at)
VALUES (:file, '', :configured, :now, :now)
RETURNING id;

-- name: touch
UPDATE customer_imports SET touched_at = :now WHERE id = :number AND ended_at IS NULL RETURNING id;

-- name: finish
UPDATE customer_imports
   SET ended_at = :now, lines = :lines, left_out = :left_out, fingerprint = :fingerprint,
       configured = coalesce(:configured, configured)
 WHERE id = :number AND ended_at IS NULL
RETURNING id;

-- name: drop_earlier
DELETE FROM customer_imports WHERE id < :number;

-- name: abandon
DELETE FROM customer_imports WHERE id = :number AND ended_at IS NULL;

-- name: forget
DELETE FROM customer_imports WHERE ended_at IS NOT NULL;

-- name: newest
SELECT id, file, fingerprint, configured, ended_at, lines, left_out FROM customer_imports
 WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1;

-- name: left_behind
SELECT import FROM customer_records WHERE import NOT IN (SELECT id FROM customer_imports)
 ORDER BY import LIMIT 1;

-- name: drop_some
DELETE FROM customer_records
 WHERE import = :number
   AND (matched_by, key) IN (SELECT matched_by, key FROM customer_records
                              WHERE import = :number LIMIT :at_once);
