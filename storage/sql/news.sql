-- name: newest
SELECT coalesce(max(id), 0) AS id FROM history;

-- name: since
SELECT h.id, h.kind, i.reference
  FROM history AS h JOIN inquiries AS i ON i.id = h.inquiry
 WHERE h.id > :after
 ORDER BY h.id
 LIMIT :limit;

-- name: quarantine
-- Its two ends, each found by an index: a change of either is news, however long it has grown.
SELECT coalesce((SELECT min(id) FROM arrivals WHERE state = 'quarantined'), 0) AS first,
       coalesce((SELECT max(id) FROM arrivals WHERE state = 'quarantined'), 0) AS last;
