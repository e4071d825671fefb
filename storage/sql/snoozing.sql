-- name: any_due
SELECT id FROM inquiries WHERE state = 'snoozed' AND snoozed_until <= :now LIMIT 1;

-- name: due
SELECT id FROM inquiries
 WHERE state = 'snoozed' AND snoozed_until <= :now
 ORDER BY snoozed_until LIMIT :limit
 /*+ skip_locked */;

-- name: wake
UPDATE inquiries SET state = 'open', snoozed_until = NULL, updated_at = :now
 WHERE id = :id AND state = 'snoozed';
