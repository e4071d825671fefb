-- Each does nothing where nothing has the old name: they may run at every start. What is only a record
-- of the past (history, decisions, who wrote a message) keeps the name of its time.

-- name: inquiries_in_queue
SELECT count(*) AS number FROM inquiries WHERE queue = :old;

-- name: inquiries_of_specialist
SELECT count(*) AS number FROM inquiries WHERE assignee = :old;

-- name: inquiries_by_channel
SELECT count(*) AS number FROM inquiries WHERE channel = :old;

-- name: dispatches_by_channel
SELECT count(*) AS number FROM outbox
 WHERE channel = :old AND state IN ('held', 'waiting', 'sending', 'doubtful');

-- name: queue_of_inquiries
UPDATE inquiries SET queue = :new WHERE queue = :old;

-- name: drop_turn
DELETE FROM turns WHERE queue = :old AND EXISTS (SELECT 1 FROM turns WHERE queue = :new);

-- name: turn
UPDATE turns SET queue = :new WHERE queue = :old;

-- name: assignee_of_inquiries
UPDATE inquiries SET assignee = :new WHERE assignee = :old;

-- name: last_turn
UPDATE turns SET last = :new WHERE last = :old;

-- name: drop_password
DELETE FROM credentials
 WHERE specialist = :old AND EXISTS (SELECT 1 FROM credentials WHERE specialist = :new);

-- name: password
UPDATE credentials SET specialist = :new WHERE specialist = :old;

-- name: sessions
UPDATE sessions SET specialist = :new WHERE specialist = :old;

-- name: sign_in_links
UPDATE sign_in_links SET specialist = :new WHERE specialist = :old;

-- name: channel_of_inquiries
UPDATE inquiries SET channel = :new WHERE channel = :old;

-- name: arrivals_of_channel
SELECT id, remote_id, source_key FROM arrivals
 WHERE channel = :old AND id > :after ORDER BY id LIMIT :most;

-- name: people_of_channel
SELECT address FROM contact_points
 WHERE contact = 'webhook' AND substr(address, 1, length(:old)) = :old ORDER BY id;

-- name: arrival
-- By its key a mail that still lies in its mailbox is known again; bytes are compared by channel.
UPDATE arrivals
   SET channel = :new,
       source_key = CASE
           WHEN EXISTS (SELECT 1 FROM arrivals AS taken WHERE taken.source_key = :fresh)
           THEN source_key ELSE :fresh END
 WHERE id = :id;

-- name: channel_of_messages
-- By these a reply on the channel finds what it answers.
UPDATE messages SET channel = :new WHERE channel = :old AND remote_id <> '';

-- name: channel_of_answers
UPDATE answers SET channel = :new WHERE channel = :old AND state = 'waiting';

-- name: channel_of_outbox
UPDATE outbox SET channel = :new
 WHERE channel = :old AND state IN ('held', 'waiting', 'sending', 'doubtful');

-- name: channel_of_fetches
UPDATE fetches SET channel = :new WHERE channel = :old AND state IN ('waiting', 'fetching', 'failed');

-- name: channel_of_continuations
UPDATE continuations SET channel = :new WHERE channel = :old;

-- name: drop_commands
-- Who asks the same under both names gets one answer.
UPDATE commands SET state = 'failed', reason = 'asked again meanwhile'
 WHERE channel = :old AND state = 'waiting'
   AND EXISTS (SELECT 1 FROM commands AS same
                WHERE same.channel = :new AND same.state = 'waiting'
                  AND same.conversation = commands.conversation
                  AND same.address = commands.address AND same.command = commands.command);

-- name: channel_of_commands
UPDATE commands SET channel = :new WHERE channel = :old AND state IN ('waiting', 'answering');

-- name: drop_cursors
DELETE FROM cursors
 WHERE channel = :old
   AND EXISTS (SELECT 1 FROM cursors AS taken
                WHERE taken.channel = :new AND taken.source = cursors.source);

-- name: cursors
UPDATE cursors SET channel = :new WHERE channel = :old;

-- name: remember
INSERT INTO renames (thing, old, new, at, inquiries, dispatches)
VALUES (:thing, :old, :new, :now, :inquiries, :dispatches);

-- name: remembered
SELECT id FROM renames WHERE thing = :thing AND old = :old AND new = :new LIMIT 1;

-- name: all
SELECT thing, old, new, at, inquiries, dispatches FROM renames ORDER BY id;

-- name: queues_in_use
SELECT queue AS name, count(*) AS number FROM inquiries
 WHERE state NOT IN ('resolved', 'closed') GROUP BY queue ORDER BY queue;

-- name: assignees_in_use
SELECT assignee AS name, count(*) AS number FROM inquiries
 WHERE assignee IS NOT NULL AND state NOT IN ('resolved', 'closed')
 GROUP BY assignee ORDER BY assignee;

-- name: channels_in_use
SELECT channel AS name, count(*) AS number FROM inquiries
 WHERE state NOT IN ('resolved', 'closed') GROUP BY channel ORDER BY channel;

-- name: channels_to_send_by
SELECT channel AS name, count(*) AS number FROM outbox
 WHERE state IN ('held', 'waiting', 'sending', 'doubtful') GROUP BY channel ORDER BY channel;

-- name: drop_chat_users
-- Who has chatted under both names is two visitors: the older one keeps to itself.
UPDATE chat_visitors SET user_id = ''
 WHERE channel = :old AND user_id <> ''
   AND EXISTS (SELECT 1 FROM chat_visitors AS taken
                WHERE taken.channel = :new AND taken.user_id = chat_visitors.user_id);

-- name: chat_visitors
UPDATE chat_visitors SET channel = :new WHERE channel = :old;

-- name: channel_of_questions
UPDATE proofs SET asked_by = :new WHERE asked_by = :old AND asked_until IS NOT NULL;
