-- name: settle
-- News only ever advances a dispatch: sent, delivered, read. What has bounced is dead, unless it was
-- read. In doubt, any news ends the doubt.
UPDATE outbox
   SET state = :state, settled_at = :at, last_error = coalesce(:detail, last_error)
 WHERE id = :dispatch
   AND CASE state WHEN 'doubtful' THEN 0 WHEN 'sent' THEN 1 WHEN 'delivered' THEN 2 ELSE 9 END
     < CASE :state WHEN 'sent' THEN 1 WHEN 'delivered' THEN 2 WHEN 'read' THEN 3 ELSE 4 END
RETURNING id;
