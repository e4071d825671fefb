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

-- name: has_written
SELECT id FROM messages
 WHERE inquiry = :inquiry AND contact_point = :contact_point AND direction = 'in' LIMIT 1;
