-- Files that a messenger only names: each is an attachment once it is here.

CREATE TABLE fetches (
    id @ID@,
    arrival @INT@ NOT NULL REFERENCES arrivals (id),
    message @INT@ REFERENCES messages (id),    -- NULL until its arrival is placed
    channel TEXT NOT NULL,
    reference TEXT NOT NULL,                   -- what the channel calls it
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size @INT@ NOT NULL,                       -- as the channel says; 0: it does not
    inline @INT@ NOT NULL,
    content_id TEXT NOT NULL,
    blocked @INT@ NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'fetching', 'here', 'failed')),
    due_at @INT@ NOT NULL,
    attempts @INT@ NOT NULL DEFAULT 0,
    lease @INT@ NOT NULL DEFAULT 0,
    leased_until @INT@,
    first_tried_at @INT@,
    reason TEXT,                               -- why it can't be fetched, or why not yet
    created_at @INT@ NOT NULL,
    settled_at @INT@,
    UNIQUE (arrival, reference),
    CHECK ((state = 'fetching') = (leased_until IS NOT NULL)),
    CHECK (state <> 'failed' OR reason IS NOT NULL)
) @STRICT@;
CREATE INDEX fetches_due ON fetches (channel, due_at, id) WHERE state IN ('waiting', 'fetching');
CREATE INDEX fetches_of_message ON fetches (message);

-- What messengers tell of messages and take of answers.

ALTER TABLE messages ADD COLUMN album TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN written_at @INT@;          -- when its author last changed it, as told
ALTER TABLE outbox ADD COLUMN went TEXT NOT NULL DEFAULT '[]';   -- JSON: ids of parts that have arrived

CREATE TABLE message_parts (       -- further arrivals that are one message with the first: albums
    id @ID@,
    message @INT@ NOT NULL REFERENCES messages (id),
    arrival @INT@ NOT NULL UNIQUE REFERENCES arrivals (id),
    remote_id TEXT NOT NULL,
    text TEXT NOT NULL
) @STRICT@;
CREATE INDEX message_parts_of ON message_parts (message);
