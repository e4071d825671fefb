-- name: dead
-- A specialist's answer that will not go the way it was meant to.
SELECT o.id, o.inquiry, o.contact_point, o.channel, o.fallbacks, o.message, m.specialist, m.subject,
       m.text, m.language
  FROM outbox AS o JOIN messages AS m ON m.id = o.message
 WHERE o.id = :id AND o.state = 'dead' AND o.purpose = 'answer' AND o.instead IS NULL
   AND o.fallbacks <> '[]';

-- name: replaced
UPDATE outbox SET instead = :message WHERE id = :id;

-- name: say_instead
UPDATE messages SET instead_of = :of WHERE id = :message;

-- name: copy_files
INSERT INTO attachments (message, original, filename, content_type, size, inline, content_id, blocked)
SELECT CAST(:message AS BIGINT), original, filename, content_type, size, inline, content_id, blocked
  FROM attachments WHERE message = :of ORDER BY id;
