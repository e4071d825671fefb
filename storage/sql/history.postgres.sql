-- name: add_all
WITH new AS (
    SELECT *
      FROM unnest(:inquiry::bigint[], :at::bigint[], :kind::text[], :actor::text[], :message::bigint[], :data::text[])
           WITH ORDINALITY AS new (inquiry, at, kind, actor, message, data, number)),
held AS MATERIALIZED (  -- before the events have their numbers, as with one alone
    SELECT id FROM inquiries WHERE id = ANY(:inquiry::bigint[]) ORDER BY id FOR NO KEY UPDATE)
INSERT INTO history (inquiry, at, kind, actor, message, data)
SELECT new.inquiry, at, kind, actor, message, data FROM new JOIN held ON held.id = new.inquiry
 ORDER BY number
RETURNING id, inquiry;

-- name: advance_all
WITH new AS (
    SELECT * FROM unnest(:inquiry::bigint[], :event::bigint[], :now::bigint[])
           AS new (inquiry, event, now))
UPDATE inquiries SET event = new.event, updated_at = new.now
  FROM new
 WHERE inquiries.id = new.inquiry
RETURNING inquiries.id;
