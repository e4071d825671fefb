-- name: add
-- Who asks again before the answer gets one for both.
INSERT INTO commands (arrival, channel, command, address, conversation, language, state, due_at,
                      created_at)
VALUES (:arrival, :channel, :command, :address, :conversation, :language, 'waiting', :now, :now)
ON CONFLICT DO NOTHING;

-- name: claim
UPDATE commands
   SET state = 'answering', lease = lease + 1, attempts = attempts + 1, held_by = :epoch,
       leased_until = /*+ clock */ + :lease_time
 WHERE id = (
       SELECT id FROM commands
        WHERE channel = :channel AND due_at <= :now AND state IN ('waiting', 'answering')
          AND (state = 'waiting' OR leased_until <= /*+ clock */
               OR leased_until > /*+ clock */ + 3600000000)  -- the clock was set back since
        ORDER BY due_at, id
        LIMIT 1
        /*+ skip_locked */)
RETURNING id, command, address, conversation, language, went, lease, attempts, created_at;

-- name: answered
UPDATE commands SET state = 'answered', leased_until = NULL, reason = :reason, settled_at = :now
 WHERE id = :id AND state = 'answering' AND lease = :lease
RETURNING id;

-- name: another
-- Who asked again meanwhile waits for an answer of their own: one is enough.
SELECT later.id FROM commands AS later, commands AS this
 WHERE this.id = :id AND later.id <> this.id AND later.state = 'waiting'
   AND later.channel = this.channel AND later.conversation = this.conversation
   AND later.address = this.address AND later.command = this.command
 LIMIT 1;

-- name: postpone
UPDATE commands
   SET state = 'waiting', leased_until = NULL, due_at = :due_at, reason = :reason, went = :went
 WHERE id = :id AND state = 'answering' AND lease = :lease
RETURNING id;

-- name: fail
UPDATE commands SET state = 'failed', leased_until = NULL, reason = :reason, settled_at = :now
 WHERE id = :id AND state = 'answering' AND lease = :lease
RETURNING id;

-- name: abandon_leases
UPDATE commands SET leased_until = 0 WHERE state = 'answering';

-- name: release
UPDATE commands SET leased_until = 0
 WHERE held_by = :epoch AND state = 'answering' AND state IN ('waiting', 'answering')
RETURNING id;
