-- What is talked about in a thread or group, and commands that a bot answers by itself.

CREATE INDEX inquiries_of_conversation ON inquiries (channel, conversation, id) WHERE conversation <> '';

CREATE TABLE commands (            -- asked of a bot, such as /status: answered by its channel, no inquiry
    id @ID@,
    arrival @INT@ NOT NULL UNIQUE REFERENCES arrivals (id),
    channel TEXT NOT NULL,
    command TEXT NOT NULL,         -- start, status
    address TEXT NOT NULL,         -- who asks
    conversation TEXT NOT NULL,    -- where
    language TEXT NOT NULL,        -- what the writer's program is set to
    state TEXT NOT NULL CHECK (state IN ('waiting', 'answering', 'answered', 'failed')),
    due_at @INT@ NOT NULL,
    attempts @INT@ NOT NULL DEFAULT 0,
    lease @INT@ NOT NULL DEFAULT 0,
    leased_until @INT@,
    went TEXT NOT NULL DEFAULT '[]',   -- JSON: ids of parts of the answer that have arrived
    reason TEXT,                   -- why it can't be answered, or why not yet
    created_at @INT@ NOT NULL,
    settled_at @INT@,
    CHECK ((state = 'answering') = (leased_until IS NOT NULL)),
    CHECK (state <> 'failed' OR reason IS NOT NULL)
) @STRICT@;
CREATE INDEX commands_due ON commands (channel, due_at, id) WHERE state IN ('waiting', 'answering');
CREATE UNIQUE INDEX commands_once ON commands (channel, conversation, address, command)
    WHERE state = 'waiting';       -- who asks again before the answer gets one for both
