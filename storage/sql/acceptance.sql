-- name: add
WITH new /*+ rows(channel text, remote_id text, source_key bytea, media_type text, original bytea,
                  envelope text, received_at bigint) */
INSERT INTO arrivals (channel, remote_id, source_key, media_type, original, envelope, received_at,
                      state, due_at)
SELECT channel, remote_id, source_key, media_type, original, envelope, received_at,
       'waiting', 0
  FROM new
 WHERE NOT EXISTS (SELECT 1 FROM arrival_keys WHERE arrival_keys.source_key = new.source_key)
 /*+ in_order */
ON CONFLICT DO NOTHING
RETURNING id, source_key;

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
