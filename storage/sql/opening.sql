-- name: next_number
INSERT INTO sequences (name, value) VALUES (:name, 1)
ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1
RETURNING value;

-- name: open
INSERT INTO inquiries (public_key, reference, opened_by, continues, customer, contact_point, channel,
    conversation, subject, language, state, queue, category, priority, assignee, assign_by,
    assignment, tags, fields, snoozed_until, search, event, unanswered, created_at, updated_at)
VALUES (:public_key, :reference, :opened_by, :continues, :customer, :contact_point, :channel,
    :conversation, :subject, :language, :state, :queue, :category, :priority, :assignee, :assign_by,
    :assignment, :tags, :fields, :snoozed_until, :search, 0, 1, :now, :now)
RETURNING id;

-- name: add_participant
INSERT INTO participants (inquiry, contact_point, role, added_at)
VALUES (:inquiry, :contact_point, :role, :now)
ON CONFLICT (inquiry, contact_point) DO UPDATE SET by_join = 0, ended_at = NULL;

-- name: add_message
INSERT INTO messages (inquiry, arrival, direction, channel, contact_point, subject, text, new_text,
    quoted_text, signature, html, language, message_id, conversation, remote_id, automated, trust,
    too_complex, album, sent_at, written_at, created_at)
VALUES (:inquiry, :arrival, 'in', :channel, :contact_point, :subject, :text, :new_text,
    :quoted_text, :signature, :html, :language, :message_id, :conversation, :remote_id, :automated,
    :trust, :too_complex, :album, :sent_at, :sent_at, :now)
RETURNING id;

-- name: add_message_id
INSERT INTO message_ids (hash, message, inquiry, ours) VALUES (:hash, :message, :inquiry, :ours)
ON CONFLICT (hash, message) DO NOTHING;

-- name: adopt_fetches
-- Before the attachments: whoever is making one of a fetch at this moment holds its row.
UPDATE fetches SET message = :message, blocked = :blocked WHERE arrival = :arrival;

-- name: adopt_attachments
UPDATE attachments SET message = :message, blocked = :blocked WHERE arrival = :arrival;

-- name: follow_up
UPDATE inquiries
   SET state = CASE WHEN state = 'new' THEN 'new' ELSE 'open' END,
       resolved_at = NULL, unanswered = unanswered + 1, queue = :queue, category = :category,
       priority = :priority, tags = :tags, fields = :fields, snoozed_until = NULL,
       updated_at = :now
 WHERE id = :inquiry AND state <> 'closed';

-- name: keep_aside
INSERT INTO asides (inquiry, arrival, sender, subject, text, reason, state, created_at)
VALUES (:inquiry, :arrival, :sender, :subject, :text, :reason, 'waiting', :now);

-- name: edit
-- An older version that comes late changes nothing.
UPDATE messages
   SET text = CASE WHEN written_at > :written_at THEN text ELSE :text END,
       new_text = CASE WHEN written_at > :written_at THEN new_text ELSE :new_text END,
       written_at = CASE WHEN written_at > :written_at THEN written_at ELSE :written_at END,
       edited_at = :now
 WHERE id = (SELECT id FROM messages
              WHERE channel = :channel AND conversation = :conversation
                AND remote_id = :remote_id AND direction = 'in' AND remote_id <> ''
              ORDER BY id DESC LIMIT 1)
RETURNING id, inquiry, text;

-- name: by_id
SELECT id, reference, state, channel, queue, category, priority, tags, fields
  FROM inquiries WHERE id = :id /*+ for_update */;

-- name: latest_in_conversation
-- What began here last, or went on here last by a proof.
SELECT i.id, i.reference, i.state, i.channel, i.queue, i.category, i.priority, i.tags, i.fields
  FROM inquiries AS i
 WHERE i.id = (
       SELECT here.id
         FROM (SELECT own.id, own.created_at AS since FROM inquiries AS own
                WHERE own.contact_point = :contact_point AND own.conversation = :conversation
                  AND own.channel = :channel AND own.state <> 'closed'
                UNION ALL
               SELECT c.inquiry, c.began_at
                 FROM continuations AS c JOIN inquiries AS other ON other.id = c.inquiry
                WHERE c.contact_point = :contact_point AND c.conversation = :conversation
                  AND c.channel = :channel AND c.ended_at IS NULL AND other.state <> 'closed') AS here
        ORDER BY here.since DESC, here.id DESC LIMIT 1);

-- name: latest_in_place
-- Whoever writes there: for a thread, which is one conversation of all in it. What hangs below a
-- message belongs where that message does.
SELECT id, reference, state, channel, queue, category, priority, tags, fields
  FROM inquiries
 WHERE id = (
       SELECT max(here.id)
         FROM (SELECT id FROM inquiries
                WHERE channel = :channel AND conversation = :conversation AND conversation <> ''
                  AND state <> 'closed'
                UNION ALL
               SELECT i.id
                 FROM messages AS m JOIN inquiries AS i ON i.id = m.inquiry
                WHERE m.channel = :channel AND m.conversation = :conversation
                  AND m.remote_id = :first AND m.remote_id <> '' AND m.direction = 'in'
                  AND i.channel = :channel AND i.state <> 'closed') AS here);

-- name: begun_between
SELECT i.id, i.reference, i.state, i.channel, i.queue, i.category, i.priority, i.tags, i.fields
  FROM messages AS m JOIN inquiries AS i ON i.id = m.inquiry
 WHERE m.contact_point = :contact_point AND m.direction = 'in' AND m.channel = :channel
   AND m.conversation = :place || '/' || m.remote_id AND m.deleted_at IS NULL
   AND m.sent_at >= :since AND m.sent_at <= :until
   AND i.contact_point = :contact_point AND i.channel = :channel AND i.state <> 'closed'
 ORDER BY m.sent_at DESC, m.id DESC LIMIT 1;

-- name: in_place
SELECT id FROM inquiries
 WHERE id = :inquiry AND channel = :channel AND conversation = :conversation AND state <> 'closed';

-- name: has_written
SELECT id FROM messages
 WHERE inquiry = :inquiry AND contact_point = :contact_point AND direction = 'in' LIMIT 1;

-- name: participants
SELECT contact_point FROM participants WHERE inquiry = :inquiry AND ended_at IS NULL;

-- name: related
SELECT i.reference
  FROM message_ids AS m JOIN inquiries AS i ON i.id = m.inquiry
 WHERE m.hash = :hash LIMIT 1;

-- name: number
SELECT id FROM inquiries WHERE reference = :reference;

-- name: with_reference
SELECT reference FROM inquiries WHERE reference = :reference;
