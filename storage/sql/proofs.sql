-- name: add
INSERT INTO proofs (code, inquiry, contact_point, only_by, way, made_at, expires_at)
VALUES (:code, :inquiry, :contact_point, :only_by, :way, :now, :expires_at)
RETURNING id;

-- name: made_of
SELECT count(*) AS count FROM proofs
 WHERE contact_point = :contact_point AND way = 'code' AND made_at > :since;

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
-- Whoever got it has to take part still. Who was asked about it and uses it once more is asked again.
SELECT id, inquiry, contact_point, way FROM proofs
 WHERE code = :code
   AND (used_at IS NULL AND expires_at > :now AND (only_by IS NULL OR only_by = :by)
        OR used_by = :by AND asked_until > :now)
   AND EXISTS (SELECT 1 FROM participants AS t
                WHERE t.inquiry = proofs.inquiry AND t.ended_at IS NULL
                  AND t.contact_point = coalesce(proofs.only_by, proofs.contact_point));

-- name: use
UPDATE proofs SET used_at = :now, used_by = :by
 WHERE id = :id AND (used_at IS NULL OR used_by = :by AND asked_until > :now)
RETURNING id;

-- name: ask
UPDATE proofs SET asked_until = :until, asked_by = :channel, asked_in = :conversation WHERE id = :id;

-- name: ask_no_more
UPDATE proofs SET asked_until = NULL
 WHERE used_by = :by AND asked_until IS NOT NULL AND asked_by IN ('', :channel)
   AND asked_in IN ('', :conversation);

-- name: question
-- What a chat was asked, unless a person of ours has said something else to it meanwhile. Another bot
-- of ours is another chat of the same person.
SELECT p.id, p.inquiry, p.contact_point, p.way
  FROM proofs AS p
  JOIN participants AS t ON t.inquiry = p.inquiry AND t.contact_point = p.contact_point
 WHERE p.used_by = :by AND p.asked_until > :now AND t.ended_at IS NULL
   AND p.asked_by IN ('', :channel) AND p.asked_in IN ('', :conversation)
   AND NOT EXISTS (SELECT 1 FROM outbox AS o
                    WHERE o.contact_point = :by AND o.channel = :channel
                      AND o.purpose = 'answer' AND o.settled_at > p.used_at
                      AND o.state IN ('sent', 'delivered', 'read', 'doubtful'));

-- name: wrong
INSERT INTO wrong_codes (contact_point, at) VALUES (:contact_point, :now);

-- name: wrong_since
SELECT count(*) AS count FROM wrong_codes WHERE contact_point = :contact_point AND at > :since;

-- name: forget_wrong
DELETE FROM wrong_codes WHERE at < :before;
