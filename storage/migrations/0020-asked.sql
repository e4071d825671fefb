-- Before a chat is brought to an inquiry by what somebody may have sent its writer, the writer is asked.

ALTER TABLE proofs ADD COLUMN way TEXT NOT NULL DEFAULT 'code' CHECK (way IN ('code', 'link', 'mail-code'));
UPDATE proofs SET way = 'mail-code' WHERE only_by IS NOT NULL;
ALTER TABLE proofs ADD COLUMN asked_until @INT@;   -- until then used_by may say yes; NULL: said, or never asked
CREATE INDEX proofs_asked ON proofs (used_by) WHERE asked_until IS NOT NULL;
