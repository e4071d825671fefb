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
