-- name: add
WITH new (channel, remote_id, source_key, media_type, original, envelope, received_at) AS (
    VALUES (:channel, :remote_id, :source_key, :media_type, :original, :envelope, :received_at)
           /*+= more_rows */)
INSERT INTO arrivals (channel, remote_id, source_key, media_type, original, envelope, received_at,
                      state, due_at)
SELECT channel, remote_id, source_key, media_type, original, envelope, received_at,
       'waiting', 0
  FROM new
 WHERE NOT EXISTS (SELECT 1 FROM arrival_keys WHERE arrival_keys.source_key = new.source_key)
ON CONFLICT DO NOTHING
RETURNING id, source_key;

-- name: by_key
SELECT id, received_at, arrivals.source_key FROM arrivals WHERE source_key = :source_key
 UNION ALL
SELECT id, received_at, arrival_keys.source_key
  FROM arrival_keys JOIN arrivals ON id = arrival
 WHERE arrival_keys.source_key = :source_key;
