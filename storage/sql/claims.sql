-- name: note
-- What the channel vouches for outweighs what was only said.
INSERT INTO claims (contact_point, sort, key, value, source, verified, said_at)
VALUES (:contact_point, :sort, :key, :value, :source, :verified, :now)
ON CONFLICT (contact_point, sort, key) DO UPDATE
   SET verified = excluded.verified, source = excluded.source, said_at = excluded.said_at
 WHERE claims.verified < excluded.verified;

-- name: of_customer
SELECT c.contact_point, c.sort, c.key, c.value, c.source, c.verified
  FROM claims AS c JOIN contact_points AS p ON p.id = c.contact_point
 WHERE p.customer = :customer
 ORDER BY c.contact_point, c.sort, c.key;

-- name: same
SELECT c.contact_point, c.sort, c.key, c.value, c.source, c.verified
  FROM claims AS c JOIN contact_points AS p ON p.id = c.contact_point
 WHERE c.sort = :sort AND c.key = :key AND p.customer <> :customer
 ORDER BY c.contact_point
 LIMIT 20;

-- name: beside
-- The other keys of the customer file's line that has this one.
SELECT other.matched_by, other.key, other.line
  FROM customer_records AS mine
  JOIN customer_records AS other ON other.import = mine.import AND other.line = mine.line
 WHERE mine.matched_by = :sort AND mine.key = :key AND other.matched_by <> 'domain'
   AND (other.matched_by <> mine.matched_by OR other.key <> mine.key)
   AND mine.import = (SELECT id FROM customer_imports WHERE ended_at IS NOT NULL
                       ORDER BY id DESC LIMIT 1);

-- name: who
-- Customers of whom something is said that may make them the same person as another one.
SELECT DISTINCT p.customer
  FROM claims AS c JOIN contact_points AS p ON p.id = c.contact_point
 WHERE p.customer > :after
 ORDER BY p.customer LIMIT :limit;
