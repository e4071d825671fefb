CREATE TABLE presence (            -- who has which inquiry open now: news of a minute, never a lock
    specialist TEXT NOT NULL,
    tab TEXT NOT NULL,             -- of a browser
    inquiry @INT@ NOT NULL REFERENCES inquiries (id) ON DELETE CASCADE,
    doing TEXT NOT NULL CHECK (doing IN ('idle', 'viewing', 'writing')),
    seen_at @INT@ NOT NULL,
    PRIMARY KEY (specialist, tab)
) @STRICT@;
CREATE INDEX presence_seen ON presence (seen_at);
