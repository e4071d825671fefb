-- name: add
INSERT INTO answers (inquiry, contact_point, message, purpose, channel, template, arrival, nonce,
    about, fallbacks, send_at, state, created_at)
VALUES (:inquiry, :contact_point, :message, :purpose, :channel, :template, :arrival, :nonce,
    :about, :fallbacks, :send_at, 'waiting', :now)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: same
SELECT id FROM answers WHERE arrival = :arrival AND template = :template;

-- name: waiting
-- Oldest first, and of each inquiry only the oldest: its answers get into the outbox in order.
SELECT a.id, a.inquiry, a.contact_point, a.message, a.purpose, a.channel, a.template, a.nonce,
       a.send_at, a.arrival, a.about, a.fallbacks, i.reference, i.subject, i.language, i.queue,
       coalesce(c.conversation, CASE i.contact_point WHEN a.contact_point THEN i.conversation
                                ELSE '' END) AS conversation,
       coalesce(c.channel, i.channel) AS inquiry_channel, p.contact, p.address, p.name AS customer_name,
       m.text, m.specialist, m.instead_of, r.media_type, r.envelope, r.understood
  FROM answers AS a
  JOIN inquiries AS i ON i.id = a.inquiry
  JOIN contact_points AS p ON p.id = a.contact_point
  LEFT JOIN messages AS m ON m.id = a.message
  LEFT JOIN arrivals AS r ON r.id = a.arrival
  LEFT JOIN continuations AS c ON c.id = (
       SELECT max(last.id) FROM continuations AS last
        WHERE last.inquiry = a.inquiry AND last.contact_point = a.contact_point
          AND last.ended_at IS NULL)
 WHERE a.state = 'waiting'
   AND NOT EXISTS (SELECT 1 FROM answers AS earlier
                    WHERE earlier.inquiry = a.inquiry AND earlier.id < a.id
                      AND earlier.state = 'waiting')
 ORDER BY a.id
 LIMIT :limit;

-- name: last_words
SELECT r.understood
  FROM messages AS m JOIN arrivals AS r ON r.id = m.arrival
 WHERE m.inquiry = :inquiry AND m.contact_point = :contact_point AND m.direction = 'in'
   AND m.channel = :channel AND m.conversation = :conversation
 ORDER BY m.id DESC LIMIT 1;

-- name: reaches
-- The same person's other contact points, the one used last first, and by which channel each was.
SELECT other.id, other.contact, other.address,
       (SELECT m.channel FROM messages AS m
         WHERE m.contact_point = other.id AND m.direction = 'in'
         ORDER BY m.created_at DESC, m.id DESC LIMIT 1) AS channel
  FROM contact_points AS own
  JOIN contact_points AS other ON other.customer = own.customer AND other.id <> own.id
 WHERE own.id = :contact_point
 ORDER BY coalesce((SELECT max(m.created_at) FROM messages AS m
                     WHERE m.contact_point = other.id AND m.direction = 'in'), 0) DESC, other.id;

-- name: thread
SELECT message_id, direction FROM messages
 WHERE inquiry = :inquiry AND message_id <> '' AND deleted_at IS NULL
 ORDER BY id;

-- name: files
SELECT filename, content_type, original, size FROM attachments
 WHERE message = :message ORDER BY id;

-- name: recently_acknowledged
SELECT created_at FROM outbox
 WHERE contact_point = :contact_point AND purpose <> 'answer' AND created_at > :since
   AND state <> 'cancelled'
 ORDER BY id DESC LIMIT 1;

-- name: settle
UPDATE answers SET state = :state, reason = :reason
 WHERE id = :id AND state = 'waiting'
RETURNING id;

-- name: add_out_message
INSERT INTO messages (inquiry, direction, purpose, channel, contact_point, specialist, subject, text,
    new_text, quoted_text, signature, html, language, message_id, conversation, remote_id, automated,
    trust, too_complex, created_at)
VALUES (:inquiry, 'out', :purpose, :channel, :contact_point, :specialist, :subject, :text, :text, '',
    '', '', :language, :message_id, :conversation, '', 'none', 'verified', '', :now)
RETURNING id;

-- name: word
-- What a specialist wrote gets the form in which it leaves.
UPDATE messages SET subject = :subject, channel = :channel, message_id = :message_id,
       conversation = :conversation, language = :language
 WHERE id = :message;

-- name: add_message_id
INSERT INTO message_ids (hash, message, inquiry, ours) VALUES (:hash, :message, :inquiry, 1)
ON CONFLICT (hash, message) DO NOTHING;

-- name: of_message
SELECT id, inquiry, state FROM answers WHERE message = :message /*+ for_update */;
