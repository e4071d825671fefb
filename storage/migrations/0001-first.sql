-- Instants are microseconds since 1970. Columns named after an enum hold its word. JSON is TEXT.
-- ``lease`` grows by one each time somebody claims a row: whoever settles must name the lease it holds.

CREATE TABLE epochs (              -- one row for each start of a process
    id @ID@,
    node TEXT NOT NULL,
    started_at @INT@ NOT NULL,
    seen_at @INT@ NOT NULL
) @STRICT@;

CREATE TABLE signing_keys (        -- the two youngest that are not retired are valid, the youngest signs
    id @ID@,
    secret @BYTES@ NOT NULL,
    created_at @INT@ NOT NULL,
    retired_at @INT@
) @STRICT@;

CREATE TABLE configurations (      -- the text is kept while a decision refers to it
    hash TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    loaded_at @INT@ NOT NULL
) @STRICT@;

CREATE TABLE sequences (
    name TEXT NOT NULL PRIMARY KEY,
    value @INT@ NOT NULL
) @STRICT@;

-- Arrivals ---------------------------------------------------------------------------------------

CREATE TABLE originals (           -- bytes by their SHA-256; NULL content: a file in the data folder
    hash @BYTES@ NOT NULL PRIMARY KEY,
    size @INT@ NOT NULL,
    content @BYTES@
) @STRICT@;

CREATE TABLE customers (
    id @ID@,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    created_at @INT@ NOT NULL
) @STRICT@;

CREATE TABLE contact_points (      -- one address, number or handle of a customer on one channel
    id @ID@,
    customer @INT@ NOT NULL REFERENCES customers (id),
    contact TEXT NOT NULL,         -- the sort: mail, telegram
    address TEXT NOT NULL,
    address_key @BYTES@ NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at @INT@ NOT NULL
) @STRICT@;
CREATE INDEX contact_points_of_customer ON contact_points (customer);

CREATE TABLE arrivals (
    id @ID@,
    channel TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    source_key @BYTES@ NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    original @BYTES@ NOT NULL REFERENCES originals (hash),
    envelope TEXT NOT NULL,
    received_at @INT@ NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'understood', 'done', 'quarantined')),
    due_at @INT@ NOT NULL,
    attempts @INT@ NOT NULL DEFAULT 0,
    lease @INT@ NOT NULL DEFAULT 0,
    leased_until @INT@,
    normalizer TEXT,
    understood TEXT,               -- JSON of what understanding made of it
    reason TEXT,                   -- why it is in quarantine, or what went wrong last
    released @INT@ NOT NULL DEFAULT 0,   -- a person wants it out of quarantine, whatever the rules say
    settled_at @INT@,
    CHECK (state <> 'understood' OR understood IS NOT NULL),
    CHECK (state <> 'quarantined' OR reason IS NOT NULL)
) @STRICT@;
CREATE INDEX arrivals_due ON arrivals (state, due_at, id) WHERE state IN ('waiting', 'understood');
CREATE INDEX arrivals_quarantined ON arrivals (id) WHERE state = 'quarantined';
CREATE INDEX arrivals_of_original ON arrivals (original);

CREATE TABLE arrival_keys (        -- further source keys of an arrival: a mailbox that was rebuilt
    source_key @BYTES@ NOT NULL PRIMARY KEY,
    arrival @INT@ NOT NULL REFERENCES arrivals (id)
) @STRICT@;

CREATE TABLE cursors (
    channel TEXT NOT NULL,
    source TEXT NOT NULL,
    position TEXT NOT NULL,
    updated_at @INT@ NOT NULL,
    PRIMARY KEY (channel, source)
) @STRICT@;

-- Inquiries --------------------------------------------------------------------------------------

CREATE TABLE inquiries (
    id @ID@,
    public_key TEXT NOT NULL UNIQUE,      -- UUID; in links
    reference TEXT NOT NULL UNIQUE,
    opened_by @INT@ UNIQUE REFERENCES arrivals (id),
    continues @INT@ REFERENCES inquiries (id),
    customer @INT@ NOT NULL REFERENCES customers (id),
    contact_point @INT@ NOT NULL REFERENCES contact_points (id),
    channel TEXT NOT NULL,
    conversation TEXT NOT NULL,
    subject TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'open', 'researching', 'waiting-for-customer',
        'waiting-for-supplier', 'snoozed', 'resolved', 'closed')),
    queue TEXT NOT NULL,
    category TEXT NOT NULL,
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    assignee TEXT,
    assign_by TEXT NOT NULL,              -- the rule's wish; '' leaves it to the queue
    assignment TEXT NOT NULL CHECK (assignment IN ('waiting', 'done')),
    tags TEXT NOT NULL,                   -- JSON list
    search TEXT NOT NULL,                 -- a bounded, folded excerpt
    event @INT@ NOT NULL,                 -- the newest row of history: what the send guard compares
    unanswered @INT@ NOT NULL,            -- customer messages since the last answer
    created_at @INT@ NOT NULL,
    updated_at @INT@ NOT NULL,
    resolved_at @INT@,
    closed_at @INT@,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK (state <> 'resolved' OR resolved_at IS NOT NULL)
) @STRICT@;
CREATE INDEX inquiries_listed ON inquiries (state, updated_at);
CREATE INDEX inquiries_updated ON inquiries (updated_at);
CREATE INDEX inquiries_of_queue ON inquiries (queue, state);
CREATE INDEX inquiries_of_assignee ON inquiries (assignee, state) WHERE assignee IS NOT NULL;
CREATE INDEX inquiries_of_contact_point ON inquiries (contact_point, conversation, id);
CREATE INDEX inquiries_of_customer ON inquiries (customer, id);
CREATE INDEX inquiries_unassigned ON inquiries (id) WHERE assignment = 'waiting';

CREATE TABLE participants (        -- whom answers of an inquiry may go to, and who may join it by proof
    inquiry @INT@ NOT NULL REFERENCES inquiries (id),
    contact_point @INT@ NOT NULL REFERENCES contact_points (id),
    role TEXT NOT NULL CHECK (role IN ('customer', 'confirmed')),
    added_at @INT@ NOT NULL,
    PRIMARY KEY (inquiry, contact_point)
) @STRICT@;

CREATE TABLE messages (            -- what customers wrote and what they were sent; nothing internal
    id @ID@,
    inquiry @INT@ NOT NULL REFERENCES inquiries (id),
    arrival @INT@ UNIQUE REFERENCES arrivals (id),
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    purpose TEXT CHECK (purpose IN ('answer', 'acknowledgement')),
    channel TEXT NOT NULL,
    contact_point @INT@ NOT NULL REFERENCES contact_points (id),
    specialist TEXT,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    new_text TEXT NOT NULL,
    quoted_text TEXT NOT NULL,
    signature TEXT NOT NULL,
    html TEXT NOT NULL,
    language TEXT NOT NULL,
    message_id TEXT NOT NULL,
    conversation TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    automated TEXT NOT NULL,
    trust TEXT NOT NULL,
    too_complex TEXT NOT NULL,
    sent_at @INT@,
    created_at @INT@ NOT NULL,
    edited_at @INT@,
    deleted_at @INT@,
    CHECK ((direction = 'in') = (arrival IS NOT NULL)),
    CHECK ((direction = 'out') = (purpose IS NOT NULL))
) @STRICT@;
CREATE INDEX messages_of_inquiry ON messages (inquiry, id);
CREATE INDEX messages_by_remote_id ON messages (channel, conversation, remote_id) WHERE remote_id <> '';

CREATE TABLE message_ids (         -- RFC 5322 Message-IDs by hash: ours and the customers'
    hash @BYTES@ NOT NULL,
    message @INT@ NOT NULL REFERENCES messages (id),
    inquiry @INT@ NOT NULL REFERENCES inquiries (id),
    ours @INT@ NOT NULL,
    PRIMARY KEY (hash, message)
) @STRICT@;

CREATE TABLE attachments (
    id @ID@,
    arrival @INT@ REFERENCES arrivals (id),
    message @INT@ REFERENCES messages (id),   -- NULL while its arrival waits beside an inquiry
    original @BYTES@ NOT NULL REFERENCES originals (hash),
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size @INT@ NOT NULL,
    inline @INT@ NOT NULL,
    content_id TEXT NOT NULL,
    blocked @INT@ NOT NULL
) @STRICT@;
CREATE INDEX attachments_of_message ON attachments (message);
CREATE INDEX attachments_of_arrival ON attachments (arrival);

CREATE TABLE notes (               -- what only specialists see
    id @ID@,
    inquiry @INT@ NOT NULL REFERENCES inquiries (id),
    specialist TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at @INT@ NOT NULL
) @STRICT@;
CREATE INDEX notes_of_inquiry ON notes (inquiry, id);

CREATE TABLE asides (              -- kept beside an inquiry, for specialists only, until one confirms
    id @ID@,
    inquiry @INT@ NOT NULL REFERENCES inquiries (id),
    arrival @INT@ NOT NULL UNIQUE REFERENCES arrivals (id),
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'confirmed', 'refused')),
    decided_by TEXT,
    created_at @INT@ NOT NULL,
    decided_at @INT@
) @STRICT@;
CREATE INDEX asides_of_inquiry ON asides (inquiry, id);

CREATE TABLE decisions (           -- what the rules decided, and from which facts
    id @ID@,
    arrival @INT@ NOT NULL REFERENCES arrivals (id),
    inquiry @INT@ REFERENCES inquiries (id),
    decided_at @INT@ NOT NULL,
    configuration TEXT NOT NULL REFERENCES configurations (hash),
    normalizer TEXT NOT NULL,
    decision TEXT NOT NULL,
    facts TEXT NOT NULL
) @STRICT@;
CREATE INDEX decisions_of_inquiry ON decisions (inquiry, id);
CREATE INDEX decisions_of_arrival ON decisions (arrival);

CREATE TABLE history (             -- everything that happened to an inquiry; append-only
    id @ID@,
    inquiry @INT@ NOT NULL REFERENCES inquiries (id),
    at @INT@ NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,           -- 'specialist:ola', 'customer', 'rules', 'deskbridge'
    message @INT@ REFERENCES messages (id),
    note @INT@ REFERENCES notes (id),
    data TEXT NOT NULL             -- JSON
) @STRICT@;
CREATE INDEX history_of_inquiry ON history (inquiry, id);

-- Answers and outbox -----------------------------------------------------------------------------

CREATE TABLE answers (             -- decided to be said to a customer, not yet put into words or form
    id @ID@,
    inquiry @INT@ NOT NULL,
    contact_point @INT@ NOT NULL,
    message @INT@ UNIQUE REFERENCES messages (id),   -- what a specialist wrote; NULL for a template
    purpose TEXT NOT NULL CHECK (purpose IN ('answer', 'acknowledgement')),
    channel TEXT NOT NULL,
    template TEXT NOT NULL,
    arrival @INT@ REFERENCES arrivals (id),          -- what it answers
    nonce TEXT NOT NULL UNIQUE,                      -- of its Message-ID
    send_at @INT@ NOT NULL,                          -- not before: the undo time
    state TEXT NOT NULL CHECK (state IN ('waiting', 'composed', 'dropped')),
    reason TEXT,
    created_at @INT@ NOT NULL,
    FOREIGN KEY (inquiry, contact_point) REFERENCES participants (inquiry, contact_point),
    CHECK ((message IS NULL) <> (template = ''))
) @STRICT@;
CREATE INDEX answers_waiting ON answers (id) WHERE state = 'waiting';
CREATE UNIQUE INDEX answers_once ON answers (arrival, template) WHERE template <> '';

CREATE TABLE outbox (              -- one dispatch: one message to one recipient through one channel
    id @ID@,
    answer @INT@ NOT NULL UNIQUE REFERENCES answers (id),
    inquiry @INT@ NOT NULL,
    contact_point @INT@ NOT NULL,
    message @INT@ NOT NULL REFERENCES messages (id),
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('answer', 'acknowledgement')),
    dispatch TEXT NOT NULL,        -- JSON of the dispatch, frozen; files by hash
    state TEXT NOT NULL CHECK (state IN ('held', 'waiting', 'sending', 'sent', 'delivered', 'read',
        'doubtful', 'dead', 'cancelled')),
    due_at @INT@ NOT NULL,
    attempts @INT@ NOT NULL DEFAULT 0,
    deaths @INT@ NOT NULL DEFAULT 0,
    lease @INT@ NOT NULL DEFAULT 0,
    leased_until @INT@,
    first_tried_at @INT@,
    possible_repeat @INT@ NOT NULL DEFAULT 0,
    remote_id TEXT,
    last_error TEXT,
    created_at @INT@ NOT NULL,
    settled_at @INT@,
    FOREIGN KEY (inquiry, contact_point) REFERENCES participants (inquiry, contact_point),
    CHECK ((state = 'sending') = (leased_until IS NOT NULL))
) @STRICT@;
CREATE INDEX outbox_due ON outbox (channel, state, due_at, id)
    WHERE state IN ('waiting', 'sending', 'doubtful');
CREATE INDEX outbox_of_inquiry ON outbox (inquiry, id);
CREATE INDEX outbox_of_contact_point ON outbox (contact_point, purpose, created_at);
CREATE INDEX outbox_trouble ON outbox (id) WHERE state IN ('held', 'dead', 'doubtful');

-- People and links -------------------------------------------------------------------------------

CREATE TABLE credentials (
    specialist TEXT NOT NULL PRIMARY KEY,
    password TEXT NOT NULL,
    changed_at @INT@ NOT NULL
) @STRICT@;

CREATE TABLE sessions (
    token @BYTES@ NOT NULL PRIMARY KEY,   -- SHA-256 of what the cookie holds
    specialist TEXT NOT NULL,
    created_at @INT@ NOT NULL,
    expires_at @INT@ NOT NULL
) @STRICT@;

CREATE TABLE sign_in_links (       -- each signs in once
    token @BYTES@ NOT NULL PRIMARY KEY,   -- SHA-256 of what the link holds
    specialist TEXT NOT NULL,
    expires_at @INT@ NOT NULL
) @STRICT@;

CREATE TABLE sign_in_failures (
    who @BYTES@ NOT NULL,                 -- SHA-256 of name or address
    at @INT@ NOT NULL
) @STRICT@;
CREATE INDEX sign_in_failures_of ON sign_in_failures (who, at);

CREATE TABLE portal_links (        -- a capability: whoever holds the link is that contact point
    id @ID@,
    key TEXT NOT NULL UNIQUE,
    inquiry @INT@ NOT NULL,
    contact_point @INT@ NOT NULL,
    created_at @INT@ NOT NULL,
    expires_at @INT@ NOT NULL,
    revoked_at @INT@,
    FOREIGN KEY (inquiry, contact_point) REFERENCES participants (inquiry, contact_point)
) @STRICT@;
CREATE INDEX portal_links_of ON portal_links (inquiry, contact_point);

CREATE TABLE turns (               -- whose turn it was last in a round-robin queue
    queue TEXT NOT NULL PRIMARY KEY,
    last TEXT NOT NULL
) @STRICT@;
