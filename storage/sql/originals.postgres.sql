-- name: add
-- In the order of their hashes: two that add the same ones wait for each other, but not in a ring.
INSERT INTO originals (hash, size, content)
SELECT hash, size, content
  FROM unnest(:hash::bytea[], :size::bigint[], :content::bytea[]) AS new (hash, size, content)
 ORDER BY hash
ON CONFLICT DO NOTHING
RETURNING hash;
