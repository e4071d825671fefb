-- name: listed
SELECT id, channel, remote_id, media_type, original, size, envelope, received_at, state, attempts,
       understood, normalizer, reason, released, settled_at
  FROM arrivals JOIN originals ON hash = original
 WHERE state = 'quarantined' AND id < :before
 ORDER BY id DESC
 LIMIT :limit;

-- name: retry
-- Begin anew, with understanding.
UPDATE arrivals
   SET state = 'waiting', understood = NULL, normalizer = NULL, reason = NULL, attempts = 0,
       deaths = 0, leased_until = NULL, due_at = 0, settled_at = NULL
 WHERE id = :id AND state = 'quarantined'
RETURNING id;

-- name: release
-- It becomes an inquiry whatever the rules say. What was never understood has to be, first.
UPDATE arrivals
   SET state = CASE WHEN understood IS NULL THEN 'waiting' ELSE 'understood' END, released = 1,
       reason = NULL, attempts = 0, deaths = 0, leased_until = NULL, due_at = 0,
       settled_at = NULL
 WHERE id = :id AND state = 'quarantined'
RETURNING id;
