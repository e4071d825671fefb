-- name: find
SELECT p.id, p.customer, p.contact, p.address, p.name, c.language
  FROM contact_points AS p JOIN customers AS c ON c.id = p.customer
 WHERE p.address_key = :address_key;

-- name: by_id
SELECT p.id, p.customer, p.contact, p.address, p.name, c.language
  FROM contact_points AS p JOIN customers AS c ON c.id = p.customer
 WHERE p.id = :id;

-- name: lock
SELECT p.id, p.customer, p.contact, p.address, p.name, c.language, p.hearsay
  FROM contact_points AS p JOIN customers AS c ON c.id = p.customer
 WHERE p.address_key = :address_key
 /*+ for_update */;

-- name: add
INSERT INTO customers (name, language, created_at) VALUES (:name, :language, :now) RETURNING id;

-- name: remove
DELETE FROM customers WHERE id = :id;

-- name: add_contact_point
INSERT INTO contact_points (customer, alone, contact, address, address_key, name, hearsay, created_at)
VALUES (:customer, :customer, :contact, :address, :address_key, :name, :hearsay, :now)
ON CONFLICT (address_key) DO NOTHING
RETURNING id;

-- name: learn_language
UPDATE customers SET language = :language WHERE id = :id AND language = '';

-- name: learn_name
UPDATE contact_points SET name = :name WHERE id = :id AND name = '';

-- name: heard_from
UPDATE contact_points SET hearsay = 0 WHERE id = :id;

-- name: readdress
UPDATE contact_points SET address = :address, address_key = :new_key
 WHERE address_key = :old_key
   AND NOT EXISTS (SELECT 1 FROM contact_points AS taken WHERE taken.address_key = :new_key);
