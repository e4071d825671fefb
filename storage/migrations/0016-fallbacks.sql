-- What could not go one way goes by another one of the same person.

ALTER TABLE answers ADD COLUMN about TEXT NOT NULL DEFAULT '{}';       -- JSON: further words of its template
ALTER TABLE answers ADD COLUMN fallbacks TEXT NOT NULL DEFAULT '[]';   -- JSON: further contact points, frozen
ALTER TABLE outbox ADD COLUMN fallbacks TEXT NOT NULL DEFAULT '[]';    -- JSON: pairs of contact point, channel
ALTER TABLE outbox ADD COLUMN instead @INT@ REFERENCES messages (id);  -- what was said instead of a dead one
ALTER TABLE messages ADD COLUMN instead_of @INT@ REFERENCES messages (id);
