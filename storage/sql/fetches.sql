-- name: add
-- An arrival that is understood once more names the same files.
INSERT INTO fetches (arrival, channel, reference, filename, content_type, size, inline, content_id,
                     state, due_at, created_at)
SELECT id, channel, :reference, :filename, :content_type, :size, :inline, :content_id,
       'waiting', 0, /*+ clock */
  FROM arrivals WHERE id = :arrival
ON CONFLICT (arrival, reference) DO NOTHING;

-- name: claim
UPDATE fetches
   SET state = 'fetching', lease = lease + 1, attempts = attempts + 1, held_by = :epoch,
       leased_until = /*+ clock */ + :lease_time, first_tried_at = coalesce(first_tried_at, :now)
 WHERE id = (
       SELECT id FROM fetches
        WHERE channel = :channel AND due_at <= :now AND state IN ('waiting', 'fetching')
          AND (state = 'waiting' OR leased_until <= /*+ clock */
               OR leased_until > /*+ clock */ + 3600000000)  -- the clock was set back since
        ORDER BY due_at, id
        LIMIT 1
        /*+ skip_locked */)
RETURNING id, reference, size, lease, attempts, first_tried_at;

-- name: here
UPDATE fetches SET state = 'here', leased_until = NULL, reason = NULL, settled_at = :now
 WHERE id = :id AND state = 'fetching' AND lease = :lease
RETURNING id;

-- name: attach
INSERT INTO attachments (arrival, message, original, filename, content_type, size, inline,
                         content_id, blocked)
SELECT arrival, message, :original, filename, content_type, :size, inline, content_id, blocked
  FROM fetches WHERE id = :id;

-- name: postpone
UPDATE fetches SET state = 'waiting', leased_until = NULL, due_at = :due_at, reason = :reason
 WHERE id = :id AND state = 'fetching' AND lease = :lease
RETURNING id;

-- name: fail
UPDATE fetches SET state = 'failed', leased_until = NULL, reason = :reason, settled_at = :now
 WHERE id = :id AND state = 'fetching' AND lease = :lease
RETURNING id;

-- name: retry
-- A person wants it tried again. A number alone moves nothing.
UPDATE fetches
   SET state = 'waiting', due_at = 0, attempts = 0, first_tried_at = NULL, settled_at = NULL
 WHERE id = :id AND state = 'failed'
   AND message IN (SELECT m.id FROM messages AS m JOIN inquiries AS i ON i.id = m.inquiry
                    WHERE i.reference = :reference)
RETURNING id;

-- name: abandon_leases
UPDATE fetches SET leased_until = 0 WHERE state = 'fetching';

-- name: release
UPDATE fetches SET leased_until = 0
 WHERE held_by = :epoch AND state = 'fetching' AND state IN ('waiting', 'fetching')
RETURNING id;

-- name: channels
SELECT DISTINCT channel FROM fetches WHERE state IN ('waiting', 'fetching');

-- name: strand
-- Nobody fetches by this channel any more: they go on waiting, and say why.
UPDATE fetches SET reason = :reason
 WHERE channel = :channel AND state = 'waiting' AND state IN ('waiting', 'fetching');
