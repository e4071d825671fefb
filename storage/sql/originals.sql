-- name: find
SELECT size, content FROM originals WHERE hash = :hash;

-- name: remove
DELETE FROM originals WHERE hash = :hash;
