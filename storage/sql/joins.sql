-- name: _point
SELECT id, customer, coalesce(alone, customer) AS alone, contact, address, name, address_key, hearsay
  FROM contact_points;

-- name: points
/*+ _point */ WHERE customer = :customer ORDER BY id;

-- name: point
/*+ _point */ WHERE id = :id;

-- name: find
/*+ _point */ WHERE address_key = :address_key;

-- name: called
/*+ _point */ WHERE address IN (:address, :folded) ORDER BY id LIMIT 20;

-- name: guests
SELECT id, customer, coalesce(alone, customer) AS alone, contact, address, name, address_key, hearsay
  FROM contact_points
 WHERE contact = 'web-chat' AND substr(address, 1, 12) = :begin AND length(address) > 12
 ORDER BY id LIMIT 2;

-- name: in_force
SELECT j.id, j.one, j.other
  FROM joins AS j
 WHERE j.ended_at IS NULL
   AND j.one IN (SELECT id FROM contact_points WHERE customer = :customer);

-- name: of_customer
-- All that ever joined one of a customer's contact points to another, ended ones too.
SELECT j.id, j.one, j.other, j.way, j.actor, j.joined_at, j.ended_at, j.ended_by, i.reference
  FROM joins AS j LEFT JOIN inquiries AS i ON i.id = j.inquiry
 WHERE j.one IN (SELECT id FROM contact_points WHERE customer = :customer)
    OR j.other IN (SELECT id FROM contact_points WHERE customer = :customer)
 ORDER BY j.id;

-- name: add
INSERT INTO joins (one, other, way, actor, inquiry, joined_at)
VALUES (:one, :other, :way, :actor, :inquiry, :now)
RETURNING id;

-- name: by_id
SELECT id, one, other, inquiry, ended_at FROM joins WHERE id = :id /*+ for_update */;

-- name: end
UPDATE joins SET ended_at = :now, ended_by = :actor WHERE id = :id AND ended_at IS NULL RETURNING id;

-- name: settle_point
UPDATE contact_points SET customer = :customer WHERE id = :id AND customer <> :customer;

-- name: settle_inquiries
UPDATE inquiries SET customer = :customer WHERE contact_point = :id AND customer <> :customer;

-- name: end_parts
-- Who took part as the same person and is not any more takes no part.
UPDATE participants SET ended_at = :now
 WHERE contact_point = :id AND by_join = 1 AND ended_at IS NULL
   AND EXISTS (SELECT 1 FROM inquiries AS i
                WHERE i.id = participants.inquiry AND i.customer <> :customer)
RETURNING inquiry;

-- name: end_continuations
UPDATE continuations SET ended_at = :now
 WHERE contact_point = :id AND ended_at IS NULL
   AND EXISTS (SELECT 1 FROM participants AS p
                WHERE p.inquiry = continuations.inquiry AND p.contact_point = continuations.contact_point
                  AND p.ended_at IS NOT NULL);

-- name: take_part
INSERT INTO participants (inquiry, contact_point, role, added_at, by_join)
VALUES (:inquiry, :contact_point, 'confirmed', :now, 1)
ON CONFLICT (inquiry, contact_point) DO UPDATE SET ended_at = NULL;

-- name: stand_by
-- A row that dispatches may refer to, of one who takes no part (yet).
INSERT INTO participants (inquiry, contact_point, role, added_at, by_join, ended_at)
VALUES (:inquiry, :contact_point, 'confirmed', :now, 1, :now)
ON CONFLICT (inquiry, contact_point) DO NOTHING;

-- name: go_on
INSERT INTO continuations (inquiry, contact_point, channel, conversation, began_at)
VALUES (:inquiry, :contact_point, :channel, :conversation, :now);

-- name: say_strangers
INSERT INTO strangers (one, other, actor, said_at) VALUES (:one, :other, :actor, :now)
ON CONFLICT (one, other) DO NOTHING;

-- name: forget_strangers
DELETE FROM strangers WHERE one = :one AND other = :other;

-- name: strangers
SELECT one, other FROM strangers
 WHERE one IN (SELECT id FROM contact_points WHERE customer = :customer)
    OR other IN (SELECT id FROM contact_points WHERE customer = :customer);
