-- name: by_key
SELECT id, received_at, source_key FROM arrivals WHERE source_key = ANY(:source_key::bytea[])
 UNION ALL
SELECT id, received_at, arrival_keys.source_key
  FROM arrival_keys JOIN arrivals ON id = arrival
 WHERE arrival_keys.source_key = ANY(:source_key::bytea[]);
