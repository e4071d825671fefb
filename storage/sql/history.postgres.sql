-- name: add_all
WITH new /*+ rows(inquiry bigint, at bigint, kind text, actor text, message bigint, data text) */,
held AS MATERIALIZED (  -- before the events have their numbers, as with one alone
    SELECT id FROM inquiries WHERE id = ANY(:inquiry::bigint[]) ORDER BY id FOR NO KEY UPDATE)
INSERT INTO history (inquiry, at, kind, actor, message, data)
SELECT new.inquiry, at, kind, actor, message, data FROM new JOIN held ON held.id = new.inquiry
 ORDER BY number
RETURNING id, inquiry;
