-- name: known
-- Where a person can be told something: by which channel each wrote last, and whether ever a human did.
SELECT p.id, p.contact, p.address, p.hearsay, c.language,
       (SELECT m.channel FROM messages AS m
         WHERE m.contact_point = p.id AND m.direction = 'in'
         ORDER BY m.created_at DESC, m.id DESC LIMIT 1) AS channel,
       CASE WHEN EXISTS (SELECT 1 FROM messages AS m
                          WHERE m.contact_point = p.id AND m.direction = 'in')
             AND NOT EXISTS (SELECT 1 FROM messages AS m
                              WHERE m.contact_point = p.id AND m.direction = 'in'
                                AND m.automated = 'none')
            THEN 1 ELSE 0 END AS automatic
  FROM contact_points AS p JOIN customers AS c ON c.id = coalesce(p.alone, p.customer)
 WHERE p.customer = :customer
 ORDER BY p.id;

-- name: told_since
SELECT count(*) AS count FROM join_notices
 WHERE contact_point = :contact_point AND made_at > :since AND expires_at > made_at;

-- name: add
INSERT INTO join_notices (joined, contact_point, other, key, made_at, expires_at)
VALUES (:joined, :contact_point, :other, :key, :now, :expires_at)
ON CONFLICT (joined, contact_point) DO NOTHING
RETURNING id;

-- name: find
SELECT n.id, n.joined, n.contact_point AS told, n.used_at, n.expires_at, j.joined_at, j.ended_at,
       j.one, j.other AS second, j.inquiry, p.contact, p.address, c.language
  FROM join_notices AS n
  JOIN joins AS j ON j.id = n.joined
  JOIN contact_points AS p ON p.id = n.other
  JOIN contact_points AS told ON told.id = n.contact_point
  JOIN customers AS c ON c.id = coalesce(told.alone, told.customer)
 WHERE n.key = :key;

-- name: untold
-- Joins at an inquiry of which somebody was not told: what nobody got was never good.
SELECT n.joined, j.one, j.other AS second, j.inquiry
  FROM join_notices AS n JOIN joins AS j ON j.id = n.joined
 WHERE n.contact_point = :told AND n.expires_at <= n.made_at
   AND j.inquiry = :inquiry AND j.ended_at IS NULL
 ORDER BY j.id;

-- name: use
UPDATE join_notices SET used_at = :now
 WHERE id = :id AND used_at IS NULL AND expires_at > :now
RETURNING id;

-- name: void_proofs
-- What was given out to one whose proof somebody else has used, and what that one was asked.
UPDATE proofs SET expires_at = CASE WHEN expires_at > :now THEN :now ELSE expires_at END,
       asked_until = NULL
 WHERE inquiry = :inquiry AND contact_point = :contact_point
   AND (used_at IS NULL AND expires_at > :now OR asked_until IS NOT NULL);
