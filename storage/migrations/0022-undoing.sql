-- Whoever is joined to somebody's person is told of where that person was known before, and by that
-- notice it can be undone. And a question is asked in one chat: of two bots each has its own.

CREATE TABLE join_notices (
    id @ID@,
    joined @INT@ NOT NULL REFERENCES joins (id),
    contact_point @INT@ NOT NULL REFERENCES contact_points (id),   -- who is told
    other @INT@ NOT NULL REFERENCES contact_points (id),           -- of whom
    key TEXT NOT NULL UNIQUE,      -- random; the link carries it signed
    made_at @INT@ NOT NULL,
    expires_at @INT@ NOT NULL,
    used_at @INT@,
    UNIQUE (joined, contact_point)
) @STRICT@;
CREATE INDEX join_notices_of ON join_notices (contact_point, made_at);

ALTER TABLE proofs ADD COLUMN asked_by TEXT NOT NULL DEFAULT '';   -- the channel that was asked by
ALTER TABLE proofs ADD COLUMN asked_in TEXT NOT NULL DEFAULT '';   -- and the conversation there
