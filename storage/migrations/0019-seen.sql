-- How far specialists have seen what a visitor of the web chat wrote.

ALTER TABLE chat_visitors ADD COLUMN seen_seq @INT@ NOT NULL DEFAULT 0;
