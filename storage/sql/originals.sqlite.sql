-- name: add
INSERT INTO originals (hash, size, content) VALUES (:hash, :size, :content)
ON CONFLICT DO NOTHING
RETURNING hash;
