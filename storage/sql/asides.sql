-- name: hold
SELECT a.id, a.inquiry, a.arrival, a.state, r.channel, r.media_type, r.understood
  FROM asides AS a JOIN arrivals AS r ON r.id = a.arrival
 WHERE a.id = :id /*+ for_update */;

-- name: settle
UPDATE asides SET state = :state, decided_by = :by, decided_at = :now
 WHERE id = :id AND state = 'waiting'
RETURNING id;
