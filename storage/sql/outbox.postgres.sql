-- name: settle_sent
-- The one piece of news that is welcome late: as long as nobody else has tried again it stays true.
WITH new AS (
    SELECT * FROM unnest(:id::bigint[], :lease::bigint[], :remote_id::text[], :now::bigint[])
           AS new (id, lease, remote_id, now))
UPDATE outbox
   SET state = 'sent', leased_until = NULL, remote_id = new.remote_id, last_error = NULL,
       settled_at = new.now
  FROM new
 WHERE outbox.id = new.id AND outbox.lease = new.lease
   AND outbox.state IN ('sending', 'waiting', 'doubtful')
RETURNING outbox.id, inquiry, message;

-- name: note_remote_id
WITH new AS (
    SELECT * FROM unnest(:message::bigint[], :remote_id::text[], :now::bigint[])
           AS new (message, remote_id, now))
UPDATE messages SET remote_id = new.remote_id, sent_at = new.now
  FROM new
 WHERE messages.id = new.message
RETURNING messages.id;
