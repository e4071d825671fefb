-- name: add
INSERT INTO history (inquiry, at, kind, actor, message, note, data)
VALUES (:inquiry, :at, :kind, :actor, :message, :note, :data)
RETURNING id;

-- name: advance
UPDATE inquiries SET event = :event, updated_at = :now WHERE id = :inquiry;

-- name: of
SELECT id, at, kind, actor, message, note, data FROM history WHERE inquiry = :inquiry ORDER BY id;
