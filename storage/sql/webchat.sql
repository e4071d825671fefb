-- name: add_visitor
INSERT INTO chat_visitors (channel, key, user_id, secret, name, email, language, last_seq, read_seq, created_at)
VALUES (:channel, :key, :user_id, :secret, :name, :email, :language, 0, 0, :now)
ON CONFLICT DO NOTHING;

-- name: by_secret
SELECT * FROM chat_visitors WHERE secret = :secret AND user_id = '' AND channel = :channel;

-- name: is_taken
SELECT id FROM chat_visitors WHERE secret = :secret AND user_id = '';

-- name: by_user
SELECT * FROM chat_visitors WHERE channel = :channel AND user_id = :user_id AND user_id <> '';

-- name: by_key
SELECT * FROM chat_visitors WHERE key = :key;

-- name: by_id
SELECT * FROM chat_visitors WHERE id = :id;

-- name: hold
SELECT last_seq FROM chat_visitors WHERE id = :id /*+ for_update */;

-- name: advance
UPDATE chat_visitors SET last_seq = :seq WHERE id = :id;

-- name: learn
UPDATE chat_visitors
   SET name = CASE WHEN :name = '' THEN name ELSE :name END,
       email = CASE WHEN :email = '' THEN email ELSE :email END,
       language = CASE WHEN :language = '' THEN language ELSE :language END
 WHERE id = :id;

-- name: add_entry
INSERT INTO chat_entries (visitor, seq, remote_id, dispatch, author, text, language, at, mail_at)
VALUES (:visitor, :seq, :remote_id, :dispatch, :author, :text, :language, :at, :mail_at)
RETURNING id;

-- name: add_file
INSERT INTO chat_files (entry, original, filename, content_type, size)
VALUES (:entry, :original, :filename, :content_type, :size);

-- name: entry
SELECT * FROM chat_entries WHERE visitor = :visitor AND remote_id = :remote_id;

-- name: entries
SELECT * FROM chat_entries WHERE visitor = :visitor AND seq > :after ORDER BY seq LIMIT :limit;

-- name: entries_before
SELECT * FROM chat_entries WHERE visitor = :visitor AND seq < :before ORDER BY seq DESC LIMIT :limit;

-- name: files
SELECT f.id, f.entry, f.filename, f.size FROM chat_files AS f JOIN chat_entries AS e ON e.id = f.entry
 WHERE e.visitor = :visitor AND e.seq > :after AND e.seq <= :last ORDER BY f.id;

-- name: file
SELECT f.filename, f.original FROM chat_files AS f JOIN chat_entries AS e ON e.id = f.entry
 WHERE f.id = :id AND e.visitor = :visitor;

-- name: read
UPDATE chat_visitors SET read_seq = :seq, read_at = :now
 WHERE id = :id AND read_seq < :seq AND last_seq >= :seq
RETURNING id;

-- name: nothing_to_mail
UPDATE chat_entries SET mail_at = NULL
 WHERE visitor = :visitor AND seq <= :seq AND mail_at IS NOT NULL;

-- name: untold
-- Answers that were read and whose senders have not been told.
SELECT o.id FROM chat_entries AS e JOIN outbox AS o ON o.id = e.dispatch
 WHERE e.visitor = :visitor AND e.seq <= :seq AND o.state IN ('sent', 'delivered')
 ORDER BY o.id;

-- name: visitors_of
-- Who chats in an inquiry.
SELECT DISTINCT v.id, v.channel, v.key, v.email
  FROM inquiries AS i
  JOIN participants AS t ON t.inquiry = i.id
  JOIN contact_points AS p ON p.id = t.contact_point
  JOIN chat_visitors AS v ON v.key = p.address
 WHERE i.reference = :reference AND p.contact = 'web-chat';

-- name: seen
UPDATE chat_visitors SET seen_seq = :seq WHERE id = :id AND seen_seq < :seq RETURNING id;

-- name: newest_seen
-- The newest entry among the messages that stand on a page up to this one.
SELECT max(e.seq) AS seq
  FROM chat_entries AS e
 WHERE e.visitor = :visitor AND e.dispatch IS NULL AND e.remote_id IN (
       SELECT m.remote_id FROM messages AS m JOIN inquiries AS i ON i.id = m.inquiry
        WHERE i.reference = :reference AND m.id <= :message AND m.direction = 'in'
          AND m.conversation = :key
        ORDER BY m.id DESC LIMIT 1);

-- name: read_since
SELECT id, read_seq FROM chat_visitors WHERE channel = :channel AND read_at >= :since;

-- name: left
-- Visitors with an address who have not seen in time what they were answered.
SELECT DISTINCT v.id FROM chat_entries AS e JOIN chat_visitors AS v ON v.id = e.visitor
 WHERE e.mail_at IS NOT NULL AND e.mail_at <= :now AND e.mail_at > :oldest
   AND v.channel = :channel AND e.seq > v.read_seq
   AND (v.email <> '' OR EXISTS (
        SELECT 1 FROM contact_points AS own
          JOIN contact_points AS mail ON mail.customer = own.customer AND mail.contact = 'mail'
         WHERE own.address = v.key AND own.contact = 'web-chat'))
 LIMIT 20;

-- name: unseen
SELECT e.seq, e.text, o.inquiry, o.contact_point, o.message, a.fallbacks, m.specialist, m.subject, m.language
  FROM chat_entries AS e
  JOIN outbox AS o ON o.id = e.dispatch
  JOIN messages AS m ON m.id = o.message
  JOIN answers AS a ON a.id = o.answer
 WHERE e.visitor = :visitor AND e.mail_at IS NOT NULL
 ORDER BY e.seq;
