-- Whose fault a death may be: counted for an arrival that was tried again, alone. And commands, too, name who holds them.

ALTER TABLE arrivals ADD COLUMN deaths @INT@ NOT NULL DEFAULT 0;   -- of processes that had nothing else in hand
ALTER TABLE commands ADD COLUMN held_by @INT@;                     -- an epoch, as arrivals have
