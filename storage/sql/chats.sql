-- name: known
SELECT id FROM messages
 WHERE channel = :channel AND conversation = :conversation AND remote_id = :remote_id
   AND remote_id <> '' AND direction = 'in' AND written_at >= :written_at
 LIMIT 1;

-- name: before
SELECT m.id, m.inquiry, m.new_text, i.state
  FROM messages AS m JOIN inquiries AS i ON i.id = m.inquiry
 WHERE m.id = (SELECT id FROM messages
                WHERE channel = :channel AND conversation = :conversation
                  AND remote_id = :remote_id AND direction = 'in' AND remote_id <> ''
                ORDER BY id DESC LIMIT 1)
   AND m.written_at < :written_at AND m.deleted_at IS NULL;

-- name: leave
UPDATE messages SET remote_id = '' WHERE id = :id;

-- name: leave_parts
UPDATE message_parts SET remote_id = '' WHERE message = :id;

-- name: album
SELECT id, inquiry FROM messages
 WHERE channel = :channel AND conversation = :conversation AND album = :album AND album <> ''
   AND contact_point = :contact_point AND direction = 'in' AND remote_id <> ''
 ORDER BY id LIMIT 1
/*+ for_update */;

-- name: add_part
INSERT INTO message_parts (message, arrival, remote_id, text)
VALUES (:message, :arrival, :remote_id, :text);

-- name: add_words
UPDATE messages SET text = text || :words, new_text = new_text || :words WHERE id = :message;

-- name: share_fetches
UPDATE fetches
   SET message = :message,
       blocked = (SELECT coalesce(max(f.blocked), 0) FROM fetches AS f WHERE f.message = :message)
 WHERE arrival = :arrival;

-- name: share_attachments
UPDATE attachments
   SET message = :message,
       blocked = (SELECT coalesce(max(f.blocked), 0) FROM fetches AS f WHERE f.message = :message)
 WHERE arrival = :arrival;

-- name: part
SELECT p.id, p.message, p.text, m.inquiry, m.text AS whole
  FROM message_parts AS p JOIN messages AS m ON m.id = p.message
 WHERE m.channel = :channel AND m.conversation = :conversation AND m.remote_id <> ''
   AND p.remote_id = :remote_id
 LIMIT 1;

-- name: words_of_parts
SELECT text FROM message_parts WHERE message = :message AND text <> '' ORDER BY id;

-- name: set_part
UPDATE message_parts SET text = :text WHERE id = :id;

-- name: set_words
UPDATE messages SET text = :words, new_text = :words WHERE id = :message;

-- name: take_new_fetches
UPDATE fetches SET message = :message
 WHERE arrival = :arrival AND message IS NULL
   AND NOT EXISTS (SELECT 1 FROM fetches AS known
                    WHERE known.message = :message AND known.content_id = fetches.content_id);

-- name: drop_known_fetches
DELETE FROM fetches WHERE arrival = :arrival AND message IS NULL;

-- name: kept
SELECT m.conversation, m.remote_id, p.address
  FROM messages AS m JOIN contact_points AS p ON p.id = m.contact_point
 WHERE m.channel = :channel AND m.direction = 'in' AND m.deleted_at IS NULL
   AND m.remote_id <> '' AND m.remote_id >= :since
 ORDER BY m.remote_id DESC, m.id LIMIT :most;

-- name: withdraw
UPDATE messages SET deleted_at = :now
 WHERE channel = :channel AND conversation = :conversation AND remote_id = :remote_id
   AND remote_id <> '' AND direction = 'in' AND deleted_at IS NULL
RETURNING id, inquiry;

-- name: answered
-- A long answer of ours went in parts: it has the numbers of all of them.
SELECT inquiry FROM messages
 WHERE channel = :channel AND conversation = :conversation AND remote_id <> ''
   AND (remote_id = :remote_id OR ' ' || remote_id || ' ' LIKE '% ' || :remote_id || ' %')
 ORDER BY id DESC LIMIT 1;

-- name: move_inquiries
UPDATE inquiries SET conversation = :new || substr(conversation, length(:old) + 1)
 WHERE channel = :channel
   AND (conversation = :old OR substr(conversation, 1, length(:old) + 1) = :old || '/');

-- name: forget_parts
UPDATE message_parts SET remote_id = ''
 WHERE message IN (
       SELECT id FROM messages
        WHERE channel = :channel AND remote_id <> ''
          AND (conversation = :old OR substr(conversation, 1, length(:old) + 1) = :old || '/'));

-- name: move_messages
-- Their numbers are those of the old conversation: the new one counts anew.
UPDATE messages
   SET conversation = :new || substr(conversation, length(:old) + 1),
       remote_id = CASE remote_id WHEN '' THEN '' ELSE :old || ':' || remote_id END
 WHERE channel = :channel
   AND (conversation = :old OR substr(conversation, 1, length(:old) + 1) = :old || '/');
