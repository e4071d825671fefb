-- Web chat: who visits, and what each of them sees. The inquiry is made of arrivals and answers as ever.

CREATE TABLE chat_visitors (
    id @ID@,
    channel TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,      -- the address of their contact point
    user_id TEXT NOT NULL,         -- as the host page's server signed it; '' is a guest
    secret @BYTES@ NOT NULL,       -- SHA-256 of what a guest's browser keeps
    name TEXT NOT NULL,
    email TEXT NOT NULL,           -- where answers go that nobody has seen
    language TEXT NOT NULL,
    last_seq @INT@ NOT NULL,
    read_seq @INT@ NOT NULL,
    read_at @INT@,
    created_at @INT@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX chat_visitors_by_user ON chat_visitors (channel, user_id) WHERE user_id <> '';
CREATE UNIQUE INDEX chat_visitors_by_secret ON chat_visitors (secret) WHERE user_id = '';
CREATE INDEX chat_visitors_read ON chat_visitors (read_at) WHERE read_at IS NOT NULL;

CREATE TABLE chat_entries (        -- the transcript: numbered from 1 for each visitor, without a gap
    id @ID@,
    visitor @INT@ NOT NULL REFERENCES chat_visitors (id),
    seq @INT@ NOT NULL,
    remote_id TEXT NOT NULL,       -- the browser's own id of a message, or dispatch-7
    dispatch @INT@,                -- whose answer it is; NULL: the visitor wrote it
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    at @INT@ NOT NULL,
    mail_at @INT@,                 -- goes by mail if nobody has seen it by then
    UNIQUE (visitor, seq),
    UNIQUE (visitor, remote_id)
) @STRICT@;
CREATE INDEX chat_entries_to_mail ON chat_entries (mail_at) WHERE mail_at IS NOT NULL;

CREATE TABLE chat_files (
    id @ID@,
    entry @INT@ NOT NULL REFERENCES chat_entries (id),
    original @BYTES@ NOT NULL REFERENCES originals (hash),
    filename TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size @INT@ NOT NULL
) @STRICT@;
CREATE INDEX chat_files_of_entry ON chat_files (entry);
