-- name: keep
INSERT INTO presence (specialist, tab, inquiry, doing, seen_at)
SELECT CAST(:specialist AS TEXT), CAST(:tab AS TEXT), id, CAST(:doing AS TEXT), CAST(:now AS BIGINT)
  FROM inquiries WHERE reference = :reference
ON CONFLICT (specialist, tab) DO UPDATE
   SET inquiry = excluded.inquiry, doing = excluded.doing, seen_at = excluded.seen_at
RETURNING inquiry;

-- name: leave
DELETE FROM presence WHERE specialist = :specialist AND tab = :tab;

-- name: others
SELECT count(*) AS count FROM presence WHERE specialist = :specialist AND tab <> :tab;

-- name: forget
DELETE FROM presence WHERE seen_at <= :since;

-- name: present
SELECT p.specialist, p.doing, i.reference
  FROM presence AS p JOIN inquiries AS i ON i.id = p.inquiry
 WHERE p.seen_at > :since
 ORDER BY i.id, p.specialist;
