-- Names in the configuration that were changed: what followed them, and when.

CREATE TABLE renames (
    id @ID@,
    thing TEXT NOT NULL CHECK (thing IN ('queue', 'specialist', 'channel')),
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    at @INT@ NOT NULL,
    inquiries @INT@ NOT NULL,      -- how many of them have the new name since
    dispatches @INT@ NOT NULL
) @STRICT@;
