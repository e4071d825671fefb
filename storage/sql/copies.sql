-- name: with_message_id
SELECT m.inquiry, a.channel, a.envelope, a.understood
  FROM message_ids AS i
  JOIN messages AS m ON m.id = i.message
  JOIN arrivals AS a ON a.id = m.arrival
 WHERE i.hash = :hash AND i.ours = 0 AND m.contact_point = :contact_point AND m.arrival <> :arrival
   AND m.created_at >= :since AND m.deleted_at IS NULL AND a.understood IS NOT NULL
 ORDER BY m.id
 LIMIT 5;

-- name: retag
UPDATE inquiries SET tags = :tags WHERE id = :inquiry;
