-- name: by_bytes
SELECT id FROM arrivals WHERE original = :original AND channel = :channel ORDER BY id LIMIT 1;

-- name: also
INSERT INTO arrival_keys (source_key, arrival) VALUES (:source_key, :arrival)
ON CONFLICT DO NOTHING;

-- name: retire
-- The same identity again, too late to be a repeat: the newest arrival shall hold the key.
UPDATE arrivals SET source_key = :retired WHERE source_key = :source_key;

-- name: advance
INSERT INTO cursors (channel, source, position, updated_at)
VALUES (:channel, :source, :position, /*+ clock */)
ON CONFLICT (channel, source)
DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at;

-- name: position
SELECT position FROM cursors WHERE channel = :channel AND source = :source;
