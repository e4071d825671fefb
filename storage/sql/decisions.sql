-- name: remember_configuration
INSERT INTO configurations (hash, text, loaded_at) VALUES (:hash, :text, :now)
ON CONFLICT (hash) DO UPDATE SET loaded_at = excluded.loaded_at;

-- name: record
INSERT INTO decisions (arrival, inquiry, decided_at, configuration, normalizer, decision, facts)
VALUES (:arrival, :inquiry, :now, :configuration, :normalizer, :decision, :facts);

-- name: _told
SELECT d.arrival, d.decided_at, d.normalizer, d.decision, d.facts, a.understood, i.reference
  FROM decisions AS d
  JOIN arrivals AS a ON a.id = d.arrival
  LEFT JOIN inquiries AS i ON i.id = d.inquiry;

-- name: of_inquiry
/*+ _told */
 WHERE d.inquiry = :inquiry
 ORDER BY d.id;

-- name: of_arrival
/*+ _told */
 WHERE d.arrival = :arrival
 ORDER BY d.id;

-- name: of_message_id
SELECT d.arrival, d.decided_at, d.normalizer, d.decision, d.facts, a.understood, i.reference
  FROM message_ids AS k
  JOIN messages AS m ON m.id = k.message
  JOIN decisions AS d ON d.arrival = m.arrival
  JOIN arrivals AS a ON a.id = d.arrival
  LEFT JOIN inquiries AS i ON i.id = d.inquiry
 WHERE k.hash = :hash
 ORDER BY d.id;

-- name: first_since
SELECT coalesce(min(id), 0) AS first, count(*) AS count FROM decisions WHERE decided_at >= :since;

-- name: following
SELECT d.id, d.arrival, i.reference, d.decision, d.facts, a.understood
  FROM decisions AS d
  JOIN arrivals AS a ON a.id = d.arrival
  LEFT JOIN inquiries AS i ON i.id = d.inquiry
 WHERE d.id >= :first
 ORDER BY d.id LIMIT :limit;

-- name: configuration
SELECT text FROM configurations WHERE hash = :hash;

-- name: last_configuration
SELECT hash, text FROM configurations ORDER BY loaded_at DESC LIMIT 1;
