-- name: folded
SELECT value FROM sequences WHERE name = :name;

-- name: begin
INSERT INTO sequences (name, value) VALUES (:name, 0) ON CONFLICT (name) DO NOTHING;

-- name: advance
-- Of two that have read the same rows only one gets this far.
UPDATE sequences SET value = :upto WHERE name = :name AND value = :after RETURNING value;

-- name: decisions
SELECT id, decided_at, decision FROM decisions WHERE id > :after ORDER BY id LIMIT :limit;

-- name: events
SELECT id, inquiry, at, kind, actor FROM history WHERE id > :after ORDER BY id LIMIT :limit;

-- name: before
-- What rules and people have decided about an inquiry, up to an event; the newest first.
SELECT id, at, kind, actor, data FROM history
 WHERE inquiry = :inquiry AND id <= :upto
   AND kind IN ('decided', 'moved', 'priority', 'assigned', 'unassigned')
 ORDER BY id DESC LIMIT :limit;

-- name: add
INSERT INTO rule_weeks (week, rule, matched, decided, overridden, last_at)
VALUES (:week, :rule, :matched, :decided, :overridden, :last_at)
ON CONFLICT (week, rule) DO UPDATE
   SET matched = rule_weeks.matched + excluded.matched,
       decided = rule_weeks.decided + excluded.decided,
       overridden = rule_weeks.overridden + excluded.overridden,
       last_at = CASE WHEN excluded.last_at > rule_weeks.last_at
                      THEN excluded.last_at ELSE rule_weeks.last_at END;

-- name: since
SELECT week, rule, matched, decided, overridden, last_at FROM rule_weeks
 WHERE week = '' OR week >= :since
 ORDER BY week, rule;

-- name: uncounted
SELECT count(*) AS count FROM (
    SELECT 1 AS one FROM decisions WHERE id > :after LIMIT :limit) AS found;
