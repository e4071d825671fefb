-- One person on several channels: what joins contact points, what proves it, what only suggests it.

ALTER TABLE contact_points ADD COLUMN alone @INT@;   -- the customer it is while nothing joins it
ALTER TABLE contact_points ADD COLUMN hearsay @INT@ NOT NULL DEFAULT 0;   -- nobody has written from it yet
UPDATE contact_points SET alone = customer;
CREATE INDEX contact_points_by_address ON contact_points (address);

CREATE TABLE joins (               -- two contact points are one person; ended, never changed or deleted
    id @ID@,
    one @INT@ NOT NULL REFERENCES contact_points (id),
    other @INT@ NOT NULL REFERENCES contact_points (id),
    way TEXT NOT NULL CHECK (way IN ('specialist', 'code', 'link', 'mail-code')),
    actor TEXT NOT NULL,           -- as in history
    inquiry @INT@ REFERENCES inquiries (id),   -- where it was made
    joined_at @INT@ NOT NULL,
    ended_at @INT@,
    ended_by TEXT,
    CHECK (one < other),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) @STRICT@;
CREATE UNIQUE INDEX joins_in_force ON joins (one, other) WHERE ended_at IS NULL;
CREATE INDEX joins_of_one ON joins (one);
CREATE INDEX joins_of_other ON joins (other);

CREATE TABLE strangers (           -- of which a specialist says: not the same person
    one @INT@ NOT NULL REFERENCES contact_points (id),
    other @INT@ NOT NULL REFERENCES contact_points (id),
    actor TEXT NOT NULL,
    said_at @INT@ NOT NULL,
    PRIMARY KEY (one, other),
    CHECK (one < other)
) @STRICT@;
CREATE INDEX strangers_of_other ON strangers (other);

CREATE TABLE claims (              -- what is said of a contact point besides its address: it joins nobody
    contact_point @INT@ NOT NULL REFERENCES contact_points (id),
    sort TEXT NOT NULL CHECK (sort IN ('email', 'phone')),
    key TEXT NOT NULL,             -- folded, as in customer_records
    value TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('form', 'chat', 'profile', 'contact', 'webhook')),
    verified @INT@ NOT NULL,       -- does the channel vouch for it?
    said_at @INT@ NOT NULL,
    PRIMARY KEY (contact_point, sort, key)
) @STRICT@;
CREATE INDEX claims_alike ON claims (sort, key);
CREATE INDEX customer_records_by_line ON customer_records (import, line);

ALTER TABLE participants ADD COLUMN by_join @INT@ NOT NULL DEFAULT 0;   -- takes part as the same person
ALTER TABLE participants ADD COLUMN ended_at @INT@;   -- takes no part since then; what went to it stays

CREATE TABLE continuations (       -- an inquiry goes on in a conversation of the same person
    id @ID@,
    inquiry @INT@ NOT NULL,
    contact_point @INT@ NOT NULL,
    channel TEXT NOT NULL,
    conversation TEXT NOT NULL,
    began_at @INT@ NOT NULL,
    ended_at @INT@,
    FOREIGN KEY (inquiry, contact_point) REFERENCES participants (inquiry, contact_point)
) @STRICT@;
CREATE INDEX continuations_of_contact_point ON continuations (contact_point) WHERE ended_at IS NULL;
CREATE INDEX continuations_of_inquiry ON continuations (inquiry) WHERE ended_at IS NULL;

CREATE TABLE proofs (              -- codes: good once, for a short time, each for one contact point
    id @ID@,
    code @BYTES@ NOT NULL UNIQUE,  -- SHA-256
    inquiry @INT@ NOT NULL,
    contact_point @INT@ NOT NULL,  -- what it proves to be
    only_by @INT@ REFERENCES contact_points (id),   -- who alone may use it; NULL: whoever has it
    made_at @INT@ NOT NULL,
    expires_at @INT@ NOT NULL,
    used_at @INT@,
    used_by @INT@ REFERENCES contact_points (id),
    FOREIGN KEY (inquiry, contact_point) REFERENCES participants (inquiry, contact_point)
) @STRICT@;
CREATE INDEX proofs_of_contact_point ON proofs (contact_point, made_at);
CREATE INDEX proofs_only_by ON proofs (only_by, made_at) WHERE only_by IS NOT NULL;

CREATE TABLE wrong_codes (
    contact_point @INT@ NOT NULL REFERENCES contact_points (id),
    at @INT@ NOT NULL
) @STRICT@;
CREATE INDEX wrong_codes_of ON wrong_codes (contact_point, at);
