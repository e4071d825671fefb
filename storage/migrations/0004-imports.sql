-- Each import of a file of customers writes records of its own. They count from the moment in which
-- the import ends, all at once; those of one that died never do.

CREATE TABLE customer_imports (
    id @ID@,
    file TEXT NOT NULL,
    fingerprint TEXT NOT NULL,     -- of what the file says and of how it is read
    configured TEXT NOT NULL,      -- that of the configured file when it was last imported
    began_at @INT@ NOT NULL,
    touched_at @INT@ NOT NULL,     -- when it last wrote something: else its process is dead
    ended_at @INT@,                -- the newest that has ended is in force
    lines @INT@ NOT NULL DEFAULT 0,
    left_out @INT@ NOT NULL DEFAULT 0
) @STRICT@;

DROP TABLE customer_records;       -- the next start reads the file again
CREATE TABLE customer_records (    -- what a file says of customers, by one address, number or domain
    import @INT@ NOT NULL,
    matched_by TEXT NOT NULL CHECK (matched_by IN ('email', 'phone', 'domain')),
    key TEXT NOT NULL,             -- folded: an address, digits with their plus, a domain
    organization TEXT NOT NULL,
    attributes TEXT NOT NULL,      -- JSON
    line @INT@ NOT NULL,           -- of the file
    PRIMARY KEY (import, matched_by, key)
) @STRICT@;
