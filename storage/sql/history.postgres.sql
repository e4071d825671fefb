-- name: add_all
WITH new AS (
    SELECT *
      FROM unnest(:inquiry::bigint[], :at::bigint[], :kind::text[], :actor::text[], :message::bigint[], :data::text[])
           WITH ORDINALITY AS new (inquiry, at, kind, actor, message, data, number))
INSERT INTO history (inquiry, at, kind, actor, message, data)
SELECT inquiry, at, kind, actor, message, data FROM new ORDER BY number
RETURNING id, inquiry;

-- name: advance_all
WITH new AS (
    SELECT * FROM unnest(:inquiry::bigint[], :event::bigint[], :now::bigint[])
           AS new (inquiry, event, now))
UPDATE inquiries SET event = new.event, updated_at = new.now
  FROM new
 WHERE inquiries.id = new.inquiry
RETURNING inquiries.id;
