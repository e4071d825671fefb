-- name: begin
INSERT INTO epochs (node, started_at, seen_at) VALUES (:node, :now, :now) RETURNING id;

-- name: seen
UPDATE epochs SET seen_at = :now WHERE id = :id;

-- name: not_ended
SELECT id FROM epochs WHERE ended_at IS NULL ORDER BY id;

-- name: end
UPDATE epochs SET ended_at = :now WHERE id = :id AND ended_at IS NULL;
