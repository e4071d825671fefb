-- name: add_all
WITH new /*+ rows(inquiry bigint, at bigint, kind text, actor text, message bigint, data text) */
INSERT INTO history (inquiry, at, kind, actor, message, data)
SELECT inquiry, at, kind, actor, message, data FROM new
RETURNING id, inquiry;
