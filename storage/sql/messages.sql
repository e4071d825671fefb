-- name: sent_under
SELECT m.text
  FROM message_ids AS i JOIN messages AS m ON m.id = i.message
 WHERE i.hash = :hash AND i.ours = 1
 LIMIT 1;
