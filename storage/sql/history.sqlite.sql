-- name: add_all
WITH new (inquiry, at, kind, actor, message, data) AS (VALUES (:inquiry, :at, :kind, :actor, :message, :data) /*+= more_rows */)
INSERT INTO history (inquiry, at, kind, actor, message, data)
SELECT inquiry, at, kind, actor, message, data FROM new
RETURNING id, inquiry;

-- name: advance_all
WITH new (inquiry, event, now) AS (VALUES (:inquiry, :event, :now) /*+= more_rows */)
UPDATE inquiries SET event = new.event, updated_at = new.now
  FROM new
 WHERE inquiries.id = new.inquiry
RETURNING inquiries.id;
