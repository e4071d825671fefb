-- name: add
INSERT INTO proofs (code, inquiry, contact_point, only_by, made_at, expires_at)
VALUES (:code, :inquiry, :contact_point, :only_by, :now, :expires_at)
RETURNING id;

-- name: made_of
SELECT count(*) AS count FROM proofs
 WHERE contact_point = :contact_point AND only_by IS NULL AND made_at > :since;

-- name: mailed_to
SELECT count(*) AS count FROM proofs
 WHERE contact_point = :contact_point AND only_by IS NOT NULL AND made_at > :since;

-- name: asked_by
SELECT count(*) AS count FROM proofs WHERE only_by = :contact_point AND made_at > :since;

-- name: withdraw
-- A newer code of the same sort makes those before it useless.
UPDATE proofs SET expires_at = :now
 WHERE inquiry = :inquiry AND contact_point = :contact_point AND used_at IS NULL AND expires_at > :now
   AND coalesce(only_by, 0) = coalesce(CAST(:only_by AS BIGINT), 0);

-- name: look
SELECT id, inquiry, contact_point, only_by FROM proofs
 WHERE code = :code AND used_at IS NULL AND expires_at > :now
   AND (only_by IS NULL OR only_by = :by);

-- name: use
UPDATE proofs SET used_at = :now, used_by = :by
 WHERE id = :id AND used_at IS NULL
RETURNING id;

-- name: wrong
INSERT INTO wrong_codes (contact_point, at) VALUES (:contact_point, :now);

-- name: wrong_since
SELECT count(*) AS count FROM wrong_codes WHERE contact_point = :contact_point AND at > :since;

-- name: forget_wrong
DELETE FROM wrong_codes WHERE at < :before;
