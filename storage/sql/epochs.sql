-- name: begin
INSERT INTO epochs (node, started_at, seen_at) VALUES (:node, :now, :now) RETURNING id;

-- name: seen
UPDATE epochs SET seen_at = :now WHERE id = :id;
