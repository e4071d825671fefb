-- name: hold
SELECT id, reference, state, queue, assignee, priority, channel, contact_point, subject, language,
       tags, unanswered, event, assign_by, assignment
  FROM inquiries WHERE id = :id /*+ for_update */;

-- name: by_reference
SELECT id FROM inquiries WHERE reference IN (:reference, :shouted);

-- name: newer
SELECT h.id, h.at, h.kind, h.actor, h.message, h.note, h.data
  FROM history AS h
 WHERE h.inquiry = :inquiry AND h.id > :seen
   AND h.kind IN ('followed-up', 'edited', 'deleted', 'answered', 'noted', 'assigned',
                  'unassigned', 'kept-aside')
 ORDER BY h.id;

-- name: move_state
UPDATE inquiries
   SET state = :state, resolved_at = CASE WHEN :keep = 1 THEN resolved_at ELSE :resolved_at END,
       closed_at = :closed_at, updated_at = :now
 WHERE id = :id AND state = :expected
RETURNING id;

-- name: assign
UPDATE inquiries SET assignee = :assignee, assignment = 'done', updated_at = :now
 WHERE id = :id AND coalesce(assignee, '') = :expected
RETURNING id;

-- name: move_queue
UPDATE inquiries
   SET queue = :queue, assignee = NULL, assign_by = '', assignment = 'waiting', updated_at = :now
 WHERE id = :id AND queue = :expected
RETURNING id;

-- name: set_priority
UPDATE inquiries SET priority = :priority, updated_at = :now
 WHERE id = :id AND priority = :expected
RETURNING id;

-- name: tag
UPDATE inquiries SET tags = :tags, updated_at = :now WHERE id = :id AND tags = :expected
RETURNING id;

-- name: count_unanswered
UPDATE inquiries SET unanswered = :unanswered WHERE id = :id;

-- name: last_writer
-- The participant who wrote last or went on elsewhere last, and by which channel.
SELECT used.contact_point, used.channel
  FROM (SELECT m.inquiry, m.contact_point, m.channel, m.created_at AS at, m.id
          FROM messages AS m
         WHERE m.inquiry = :inquiry AND m.direction = 'in' AND m.automated = 'none'
         UNION ALL
        SELECT c.inquiry, c.contact_point, c.channel, c.began_at, 0
          FROM continuations AS c
         WHERE c.inquiry = :inquiry AND c.ended_at IS NULL) AS used
  JOIN participants AS p ON p.inquiry = used.inquiry AND p.contact_point = used.contact_point
 WHERE p.ended_at IS NULL
 ORDER BY used.at DESC, used.id DESC LIMIT 1;

-- name: add_file
INSERT INTO attachments (message, original, filename, content_type, size, inline, content_id, blocked)
VALUES (:message, :original, :filename, :content_type, :size, 0, '', 0);

-- name: add_note
INSERT INTO notes (inquiry, specialist, text, created_at)
VALUES (:inquiry, :specialist, :text, :now)
RETURNING id;

-- name: answer_event
SELECT data FROM history WHERE inquiry = :inquiry AND kind = 'answered' AND message = :message
 ORDER BY id DESC LIMIT 1;

-- name: answer
SELECT inquiry, message FROM answers WHERE id = :id /*+ for_update */;

-- name: text_of
SELECT text FROM messages WHERE id = :message;

-- name: participant
SELECT role FROM participants
 WHERE inquiry = :inquiry AND contact_point = :contact_point AND ended_at IS NULL;

-- name: last_way
-- By which channel it wrote last here, went on here, or else wrote last at all.
SELECT way.channel
  FROM (SELECT 0 AS rank, m.channel, m.id FROM messages AS m
         WHERE m.inquiry = :inquiry AND m.contact_point = :contact_point AND m.direction = 'in'
         UNION ALL
        SELECT 1, c.channel, c.id FROM continuations AS c
         WHERE c.inquiry = :inquiry AND c.contact_point = :contact_point AND c.ended_at IS NULL
         UNION ALL
        SELECT 2, m.channel, m.id FROM messages AS m
         WHERE m.contact_point = :contact_point AND m.direction = 'in') AS way
 ORDER BY way.rank, way.id DESC LIMIT 1;
