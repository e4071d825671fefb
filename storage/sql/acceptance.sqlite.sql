-- name: by_key
SELECT id, received_at, arrivals.source_key FROM arrivals WHERE source_key = :source_key
 UNION ALL
SELECT id, received_at, arrival_keys.source_key
  FROM arrival_keys JOIN arrivals ON id = arrival
 WHERE arrival_keys.source_key = :source_key;
