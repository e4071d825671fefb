-- name: keep
INSERT INTO portal_links (key, inquiry, contact_point, created_at, expires_at)
VALUES (:key, :inquiry, :contact_point, :now, :expires_at)
ON CONFLICT (key) DO UPDATE
   SET expires_at = CASE WHEN portal_links.expires_at < excluded.expires_at
                         THEN excluded.expires_at ELSE portal_links.expires_at END;

-- name: usable
SELECT key FROM portal_links
 WHERE inquiry = :inquiry AND contact_point = :contact_point AND revoked_at IS NULL
   AND expires_at > :now
 ORDER BY id DESC LIMIT 1;

-- name: find
SELECT inquiry, contact_point, expires_at FROM portal_links
 WHERE key = :key AND revoked_at IS NULL AND expires_at > :now;

-- name: revoke
UPDATE portal_links SET revoked_at = :now WHERE inquiry = :inquiry AND revoked_at IS NULL;

-- name: revoke_of
UPDATE portal_links SET revoked_at = :now
 WHERE inquiry = :inquiry AND contact_point = :contact_point AND revoked_at IS NULL;

-- name: latest
-- Its own, and those that it takes part in as the same person.
SELECT i.id, i.reference, i.subject, i.state
  FROM inquiries AS i
 WHERE i.id IN (SELECT own.id FROM inquiries AS own WHERE own.contact_point = :contact_point
                 UNION
                SELECT c.inquiry FROM continuations AS c
                 WHERE c.contact_point = :contact_point AND c.ended_at IS NULL)
 ORDER BY i.id DESC
 LIMIT :limit;
