-- name: claim
-- What is due at once has a due time of 0, whatever the clock does. Those whose lease ran out come
-- again: whoever held them has died or hangs. What was in hand then is set apart: it comes alone,
-- before all others and with nothing else in hand, so that another death can be told to be its
-- own. Nobody waits for that for longer than 2 s. What has been alone at two deaths comes last.
-- Nothing is placed while an earlier one of its channel is still to be understood; of mail, which
-- may be as nasty as it likes, that is waited for 1 s, else 3 s from its claim.
-- Those in hand came before those that wait: they are among the first, and only there looked for.
WITH waiting AS MATERIALIZED (
    SELECT id, channel, media_type, deaths, attempts, held_by, leased_until FROM arrivals
     WHERE state = 'waiting' AND due_at <= 0 ORDER BY due_at, id LIMIT 200),
understood AS MATERIALIZED (
    SELECT attempts, held_by, leased_until FROM arrivals
     WHERE state = 'understood' AND due_at <= 0 ORDER BY due_at, id LIMIT 200),
in_hand AS MATERIALIZED (
    SELECT attempts FROM (SELECT attempts, held_by, leased_until FROM waiting
                           UNION ALL
                          SELECT attempts, held_by, leased_until FROM understood) AS either
     WHERE leased_until > /*+ clock */ AND leased_until > /*+ clock */ + :lease - 2000000
       AND coalesce(held_by, 0) = coalesce(CAST(:epoch AS BIGINT), 0)),
due AS MATERIALIZED (
    SELECT id, attempts, deaths FROM arrivals
     WHERE state = :state AND state IN ('waiting', 'understood')  -- the index covers these two
       AND due_at <= /*+ clock */
       AND (leased_until IS NULL OR leased_until <= /*+ clock */
            OR leased_until > /*+ clock */ + 3600000000)  -- the clock was set back since
       AND NOT EXISTS (
           SELECT 1 FROM waiting AS earlier
            WHERE arrivals.state = 'understood' AND earlier.id < arrivals.id
              AND earlier.channel = arrivals.channel AND earlier.deaths < 2
              AND (earlier.leased_until IS NULL
                   OR earlier.leased_until > /*+ clock */ + :lease
                      - CASE earlier.media_type WHEN 'message/rfc822' THEN 1000000
                        ELSE 3000000 END))
     ORDER BY due_at, id
     LIMIT :limit
     /*+ skip_locked */),
next AS MATERIALIZED (
    SELECT id FROM due
     WHERE attempts = 0 AND NOT EXISTS (SELECT 1 FROM due AS suspect WHERE suspect.attempts > 0)
       AND NOT EXISTS (SELECT 1 FROM in_hand WHERE attempts > 1)
     UNION ALL
    SELECT id FROM (
        SELECT id FROM due WHERE attempts > 0 AND NOT EXISTS (SELECT 1 FROM in_hand)
         ORDER BY CASE WHEN deaths < 2 THEN 0 ELSE deaths END, id
         LIMIT 1) AS suspect)
UPDATE arrivals
   SET lease = lease + 1, attempts = attempts + 1, held_by = :epoch,
       deaths = deaths + CASE WHEN attempts > 1 AND leased_until IS NOT NULL THEN 1 ELSE 0 END,
       leased_until = /*+ clock */ + :lease
 WHERE id IN (SELECT id FROM next)
RETURNING id, channel, remote_id, media_type, original, envelope, received_at, state, attempts,
          deaths, lease, understood, normalizer, released;

-- name: understood
UPDATE arrivals
   SET state = 'understood', understood = :understood, normalizer = :normalizer, reason = NULL,
       attempts = 0, deaths = 0, leased_until = NULL, due_at = 0
 WHERE id = :id AND state = :state AND lease = :lease AND leased_until IS NOT NULL
   AND state = 'waiting'
RETURNING id;

-- name: done
UPDATE arrivals
   SET state = 'done', reason = NULL, leased_until = NULL, settled_at = :now
 WHERE id = :id AND state = :state AND lease = :lease AND leased_until IS NOT NULL
RETURNING id;

-- name: quarantine
UPDATE arrivals
   SET state = 'quarantined', reason = :reason, leased_until = NULL, settled_at = :now
 WHERE id = :id AND state = :state AND lease = :lease AND leased_until IS NOT NULL
RETURNING id;

-- name: postpone
UPDATE arrivals SET reason = :reason, leased_until = NULL, due_at = :due_at
 WHERE id = :id AND state = :state AND lease = :lease AND leased_until IS NOT NULL
RETURNING id;

-- name: put_off
UPDATE arrivals SET attempts = attempts - 1, leased_until = NULL, due_at = :due_at
 WHERE id = :id AND state = :state AND lease = :lease AND leased_until IS NOT NULL
RETURNING id;

-- name: near
SELECT understood FROM arrivals
 WHERE id BETWEEN :first AND :last AND id <> :id AND channel = :channel
   AND received_at BETWEEN :since AND :until
   AND (state = 'waiting' OR (state = 'understood' AND understood LIKE '%"album"%'));

-- name: give_back
UPDATE arrivals SET attempts = attempts - 1, leased_until = NULL
 WHERE id = :id AND state = :state AND lease = :lease AND leased_until IS NOT NULL
RETURNING id;

-- name: add_attachment
INSERT INTO attachments (arrival, original, filename, content_type, size, inline, content_id,
                         blocked)
VALUES (:arrival, :original, :filename, :content_type, :size, :inline, :content_id, 0);

-- name: find
SELECT id, channel, remote_id, media_type, original, size, envelope, received_at, state, attempts,
       understood, normalizer, reason, released, settled_at
  FROM arrivals JOIN originals ON hash = original
 WHERE id = :id;

-- name: counts
SELECT state, count(*) AS count FROM arrivals
 WHERE state IN ('waiting', 'understood') GROUP BY state
 UNION ALL
SELECT 'quarantined', count(*) FROM arrivals WHERE state = 'quarantined';

-- name: oldest
SELECT min(received_at) AS received_at FROM arrivals WHERE state IN ('waiting', 'understood');

-- name: abandon_leases
-- A death counts for what was alone in hand, and had been set apart already.
WITH in_hand AS MATERIALIZED (
    SELECT count(*) AS number FROM arrivals
     WHERE state IN ('waiting', 'understood') AND leased_until IS NOT NULL)
UPDATE arrivals
   SET leased_until = NULL,
       deaths = deaths + CASE WHEN attempts > 1 AND (SELECT number FROM in_hand) = 1
                         THEN 1 ELSE 0 END
 WHERE state IN ('waiting', 'understood') AND leased_until IS NOT NULL;

-- name: release
-- The same for those of one process among several.
WITH in_hand AS MATERIALIZED (
    SELECT count(*) AS number FROM arrivals
     WHERE held_by = :epoch AND state IN ('waiting', 'understood') AND leased_until IS NOT NULL)
UPDATE arrivals
   SET leased_until = NULL,
       deaths = deaths + CASE WHEN attempts > 1 AND (SELECT number FROM in_hand) = 1
                         THEN 1 ELSE 0 END
 WHERE held_by = :epoch AND state IN ('waiting', 'understood') AND leased_until IS NOT NULL
RETURNING id;
