-- name: add
INSERT INTO outbox (answer, inquiry, contact_point, message, channel, conversation, purpose,
    dispatch, fallbacks, state, due_at, last_error, created_at, settled_at, possible_repeat)
VALUES (:answer, :inquiry, :contact_point, :message, :channel, :conversation, :purpose,
    :dispatch, :fallbacks, :state, :due_at, :error, :now, :settled_at,
    -- what is said instead of one that may have arrived, or half of it, may repeat that
    coalesce((SELECT max(CASE WHEN o.possible_repeat = 1 OR o.went <> '[]' THEN 1 ELSE 0 END)
                FROM outbox AS o WHERE o.inquiry = :inquiry AND o.instead = :message), 0))
RETURNING id;

-- name: rescue
-- A lease ran out: its worker died while sending, and nobody knows how far it came. Where a repeat
-- does no harm it is due again, but not for ever: three deaths are no accident.
UPDATE outbox
   SET state = CASE WHEN :repeatable = 1 AND deaths < 2 THEN 'waiting' ELSE 'doubtful' END,
       due_at = CASE WHEN :repeatable = 1 THEN CAST(:now AS BIGINT) ELSE CAST(:settle_by AS BIGINT) END,
       deaths = deaths + 1, leased_until = NULL, last_error = 'the worker died while sending',
       settled_at = CAST(:now AS BIGINT)
 WHERE channel = :channel AND state = 'sending' AND leased_until <= /*+ clock */
   AND state IN ('waiting', 'sending', 'doubtful')  -- the words of the index, here and below
RETURNING id, inquiry, message, state;

-- name: anything
-- Is there a reason to begin a transaction that writes?
SELECT 1 AS found FROM outbox
 WHERE channel = :channel AND state IN ('waiting', 'sending', 'doubtful')
   AND (state = 'waiting' AND due_at <= :now
        OR state = 'doubtful' AND due_at <= :now AND possible_repeat = 0 AND deaths < 3
        OR state = 'sending' AND leased_until <= /*+ clock */)
 LIMIT 1;

-- name: _nothing_earlier
-- What is said in one inquiry or conversation leaves a channel in order, one after the other; what is
-- said to one contact point does so where ``in_order``. What is dead, cancelled or doubtful for good
-- holds up nobody; what a person holds, only its own inquiry.
NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
     WHERE earlier.inquiry = due.inquiry AND earlier.channel = due.channel
       AND earlier.state IN ('held', 'waiting', 'sending', 'doubtful')
       AND (earlier.id < due.id OR earlier.state = 'sending')
       AND (earlier.state <> 'doubtful'
            OR earlier.possible_repeat = 0 AND earlier.deaths < 3))
AND NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
     WHERE earlier.contact_point = due.contact_point AND earlier.channel = due.channel
       AND :in_order = 1
       AND earlier.state IN ('waiting', 'sending', 'doubtful')
       AND (earlier.id < due.id OR earlier.state = 'sending')
       AND (earlier.state <> 'doubtful'
            OR earlier.possible_repeat = 0 AND earlier.deaths < 3))
AND NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
     WHERE earlier.conversation = due.conversation AND earlier.channel = due.channel
       AND earlier.state IN ('waiting', 'sending', 'doubtful')
       AND (earlier.id < due.id OR earlier.state = 'sending')
       AND earlier.conversation <> ''
       AND (earlier.state <> 'doubtful'
            OR earlier.possible_repeat = 0 AND earlier.deaths < 3));

-- name: claim
-- Lease what is longest due on a channel: first what is in doubt and nobody has decided about in
-- time, to be sent once more, marked.
WITH doubtful AS MATERIALIZED (
    SELECT due.id FROM outbox AS due
     WHERE due.channel = :channel AND due.state = 'doubtful' AND due.due_at <= :now
       AND due.state IN ('waiting', 'sending', 'doubtful')
       AND due.possible_repeat = 0 AND due.deaths < 3
       AND /*+ _nothing_earlier */
     ORDER BY due.due_at, due.id
     LIMIT :limit
     /*+ skip_locked */),
waiting AS MATERIALIZED (
    SELECT due.id FROM outbox AS due
     WHERE due.channel = :channel AND due.state = 'waiting' AND due.due_at <= :now
       AND due.state IN ('waiting', 'sending', 'doubtful')
       AND /*+ _nothing_earlier */
     ORDER BY due.due_at, due.id
     LIMIT :limit
     /*+ skip_locked */),
next AS MATERIALIZED (
    SELECT id FROM (SELECT id, 0 AS rank FROM doubtful UNION ALL SELECT id, 1 FROM waiting) AS found
     ORDER BY rank, id
     LIMIT :limit)
UPDATE outbox
   SET possible_repeat = CASE WHEN state = 'doubtful' THEN 1 ELSE possible_repeat END,
       state = 'sending', lease = lease + 1, attempts = attempts + 1, held_by = :epoch,
       leased_until = /*+ clock */ + :lease_time, first_tried_at = coalesce(first_tried_at, :now)
 WHERE id IN (SELECT id FROM next)
RETURNING id, inquiry, contact_point, message, dispatch, lease, attempts, first_tried_at,
          possible_repeat, went,
          (SELECT a.nonce FROM answers AS a WHERE a.id = outbox.answer) AS nonce;

-- name: settle
-- Write down how an attempt ended. Returns nothing if somebody else has the dispatch by now.
UPDATE outbox
   SET state = :state, due_at = coalesce(:due_at, due_at), leased_until = NULL, last_error = :error,
       went = :went, settled_at = :now
 WHERE id = :id AND state = 'sending' AND lease = :lease
RETURNING id, inquiry, message;

-- name: settle_sent
-- The one piece of news that is welcome late: as long as nobody else has tried again it stays true.
WITH new /*+ rows(id bigint, lease bigint, remote_id text, now bigint) */
UPDATE outbox
   SET state = 'sent', leased_until = NULL, remote_id = new.remote_id, last_error = NULL,
       settled_at = new.now
  FROM new
 WHERE outbox.id = new.id AND outbox.lease = new.lease
   AND outbox.state IN ('sending', 'waiting', 'doubtful')
RETURNING outbox.id, inquiry, message;

-- name: note_remote_id
WITH new /*+ rows(message bigint, remote_id text, now bigint) */
UPDATE messages SET remote_id = new.remote_id, sent_at = new.now
  FROM new
 WHERE messages.id = new.message
RETURNING messages.id;

-- name: act
-- A person decides about a dispatch that nobody is sending at this moment.
UPDATE outbox
   SET state = :state, due_at = coalesce(:due_at, due_at), settled_at = :now,
       possible_repeat = CASE WHEN state = 'doubtful' THEN 1 ELSE possible_repeat END,
       first_tried_at = CASE WHEN :afresh = 1 THEN NULL ELSE first_tried_at END,
       deaths = CASE WHEN :afresh = 1 THEN 0 ELSE deaths END
 WHERE id = :id AND state = :expected AND (instead IS NULL OR :state = 'cancelled')
RETURNING id, inquiry, message;

-- name: withdraw_message
UPDATE messages SET deleted_at = :now WHERE id = :message AND direction = 'out';

-- name: state_of
SELECT state, instead, lease, coalesce(settled_at, 0) AS settled FROM outbox
 WHERE id = :id /*+ for_update */;

-- name: undecided
-- What waits for a person, without its words.
SELECT id, channel, state, last_error, created_at, lease, coalesce(settled_at, 0) AS settled
  FROM outbox
 WHERE state IN ('held', 'dead', 'doubtful') AND instead IS NULL
 ORDER BY id;

-- name: _entry
SELECT o.id, o.inquiry, o.message, o.channel, o.purpose, o.dispatch, o.state, o.due_at, o.attempts,
       o.deaths, o.possible_repeat, o.remote_id, o.last_error, o.created_at, o.settled_at, o.lease,
       i.reference, p.address, p.contact, p.name, m.text AS kept
  FROM outbox AS o
  JOIN inquiries AS i ON i.id = o.inquiry
  JOIN contact_points AS p ON p.id = o.contact_point
  JOIN messages AS m ON m.id = o.message;

-- name: by_id
/*+ _entry */
 WHERE o.id = :id;

-- name: in_state
/*+ _entry */
 WHERE o.state = :state AND o.id < :before
 ORDER BY o.id DESC
 LIMIT :limit;

-- name: in_trouble
/*+ _entry */
 WHERE o.state = :state AND o.state IN ('held', 'dead', 'doubtful') AND o.id < :before
   AND o.instead IS NULL
 ORDER BY o.id DESC
 LIMIT :limit;

-- name: under_way
-- ``+ 0`` keeps SQLite from walking back through all that was ever sent.
/*+ _entry */
 WHERE o.state = :state AND o.state IN ('waiting', 'sending', 'doubtful') AND o.id + 0 < :before
 ORDER BY o.id + 0 DESC
 LIMIT :limit;

-- name: of_inquiry
/*+ _entry */
 WHERE o.inquiry = :inquiry
 ORDER BY o.id;

-- name: counts
SELECT channel, state, count(*) AS number FROM outbox
 WHERE state IN ('waiting', 'sending', 'doubtful')
 GROUP BY channel, state
 UNION ALL
SELECT channel, state, count(*) FROM outbox
 WHERE state IN ('held', 'dead', 'doubtful') AND state <> 'doubtful' AND instead IS NULL
 GROUP BY channel, state;

-- name: by_answer
SELECT id, state FROM outbox WHERE answer = :answer /*+ for_update */;

-- name: by_message_id
SELECT o.id FROM message_ids AS m JOIN outbox AS o ON o.message = m.message
 WHERE m.hash = :hash AND m.ours = 1
 LIMIT 1;

-- name: bounced
UPDATE outbox SET state = 'dead', leased_until = NULL, last_error = :error, settled_at = :now
 WHERE id = :id AND state IN ('waiting', 'sending', 'sent', 'delivered', 'doubtful')
RETURNING id;

-- name: delivered
UPDATE outbox SET state = 'delivered', settled_at = :now
 WHERE id = :id AND state IN ('sent', 'doubtful')
RETURNING id;

-- name: read
UPDATE outbox SET state = 'read', settled_at = :now
 WHERE id = :id AND state IN ('sent', 'delivered', 'doubtful')
RETURNING id;

-- name: nonce_of
SELECT o.inquiry, o.message, a.nonce
  FROM outbox AS o JOIN answers AS a ON a.id = o.answer
 WHERE o.id = :id;

-- name: abandon_leases
UPDATE outbox SET leased_until = 0 WHERE state = 'sending';

-- name: release
-- A process is gone: its worker died, and rescue sees to the rest.
UPDATE outbox SET leased_until = 0
 WHERE held_by = :epoch AND state = 'sending' AND state IN ('waiting', 'sending', 'doubtful')
RETURNING id;

-- name: strand
-- Nobody sends by this channel any more: they go on waiting, and say why.
UPDATE outbox SET last_error = :reason
 WHERE channel = :channel AND state = 'waiting' AND state IN ('waiting', 'sending', 'doubtful');

-- name: channel_of
SELECT channel FROM outbox WHERE id = :id;
