-- name: add
-- The inquiry is held from here to the commit, before the event has its number: so numbers are seen in
-- their order, and the newest of an inquiry never goes back. Its send guard compares them.
WITH held AS MATERIALIZED (SELECT id FROM inquiries WHERE id = :inquiry /*+ for_update */)
INSERT INTO history (inquiry, at, kind, actor, message, note, data)
SELECT held.id, CAST(:at AS BIGINT), CAST(:kind AS TEXT), CAST(:actor AS TEXT),
       CAST(:message AS BIGINT), CAST(:note AS BIGINT), CAST(:data AS TEXT)
  FROM held
RETURNING id;

-- name: advance
UPDATE inquiries SET event = :event, updated_at = :now WHERE id = :inquiry;

-- name: advance_all
WITH new /*+ rows(inquiry bigint, event bigint, now bigint) */
UPDATE inquiries SET event = new.event, updated_at = new.now
  FROM new
 WHERE inquiries.id = new.inquiry
RETURNING inquiries.id;

-- name: of
SELECT id, at, kind, actor, message, note, data FROM history WHERE inquiry = :inquiry ORDER BY id;
