-- name: add
INSERT INTO originals (hash, size, content) VALUES (:hash, :size, :content) /*+= more_rows */
ON CONFLICT DO NOTHING
RETURNING hash;
