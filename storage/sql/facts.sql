-- name: open_inquiries
SELECT count(*) AS count FROM (
    SELECT 1 AS one FROM inquiries
     WHERE customer = :customer AND id <> :inquiry AND state NOT IN ('resolved', 'closed')
     LIMIT :up_to) AS found;

-- name: inquiries
SELECT count(*) AS count FROM (
    SELECT 1 AS one FROM inquiries
     WHERE customer = :customer AND created_at >= :since AND id <> :inquiry
     LIMIT :up_to) AS found;

-- name: messages
SELECT count(*) AS count FROM (
    SELECT 1 AS one FROM messages
     WHERE contact_point = :contact_point AND direction = 'in' AND created_at >= :since
     LIMIT :up_to) AS found;

-- name: waiting
SELECT count(*) AS count FROM (
    SELECT 1 AS one FROM inquiries
     WHERE queue = :queue AND id <> :inquiry AND unanswered > 0
       AND state NOT IN ('resolved', 'closed', 'snoozed')
     LIMIT :up_to) AS found;

-- name: last_category
SELECT category FROM inquiries
 WHERE customer = :customer AND id <> :inquiry
 ORDER BY id DESC LIMIT 1;

-- name: reopened
SELECT count(*) AS count FROM history WHERE inquiry = :inquiry AND kind = 'reopened';
