-- name: add
WITH new AS (
    SELECT *
      FROM unnest(:channel::text[], :remote_id::text[], :source_key::bytea[], :media_type::text[],
                  :original::bytea[], :envelope::text[], :received_at::bigint[])
           WITH ORDINALITY AS new (channel, remote_id, source_key, media_type, original, envelope,
                                   received_at, number))
INSERT INTO arrivals (channel, remote_id, source_key, media_type, original, envelope, received_at,
                      state, due_at)
SELECT channel, remote_id, source_key, media_type, original, envelope, received_at,
       'waiting', 0
  FROM new
 WHERE NOT EXISTS (SELECT 1 FROM arrival_keys WHERE arrival_keys.source_key = new.source_key)
 ORDER BY number
ON CONFLICT DO NOTHING
RETURNING id, source_key;

-- name: by_key
SELECT id, received_at, source_key FROM arrivals WHERE source_key = ANY(:source_key::bytea[])
 UNION ALL
SELECT id, received_at, arrival_keys.source_key
  FROM arrival_keys JOIN arrivals ON id = arrival
 WHERE arrival_keys.source_key = ANY(:source_key::bytea[]);
