-- name: waiting
-- The oldest inquiries that nobody has looked at for assignment.
SELECT id, queue, assign_by FROM inquiries
 WHERE assignment = 'waiting' AND state NOT IN ('resolved', 'closed')
 ORDER BY id LIMIT :limit
 /*+ skip_locked */;

-- name: leave
UPDATE inquiries SET assignment = 'done' WHERE id = :id AND assignment = 'waiting';

-- name: turn
SELECT last FROM turns WHERE queue = :queue /*+ for_update */;

-- name: first_turn
INSERT INTO turns (queue, last) VALUES (:queue, '') ON CONFLICT (queue) DO NOTHING;

-- name: take_turn
UPDATE turns SET last = :last WHERE queue = :queue;

-- name: any_waiting
SELECT id FROM inquiries
 WHERE assignment = 'waiting' AND state NOT IN ('resolved', 'closed')
 LIMIT 1;
