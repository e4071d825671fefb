-- name: listed
-- First the page, then what stands in its lines: the rest of a long list costs nothing.
SELECT i.id, i.reference, i.subject, i.language, i.channel, i.queue, i.assignee, i.state,
       i.priority, i.tags, i.unanswered, i.created_at, i.updated_at, p.address, p.contact,
       CASE p.name WHEN '' THEN c.name ELSE p.name END AS customer,
       (SELECT substr(CASE m.new_text WHEN '' THEN m.text ELSE m.new_text END, 1, 240)
          FROM messages AS m
         WHERE m.inquiry = i.id AND m.direction = 'in' AND m.deleted_at IS NULL
         ORDER BY m.id DESC LIMIT 1) AS first_words,
       EXISTS (SELECT 1 FROM attachments AS f JOIN messages AS m ON m.id = f.message
                WHERE m.inquiry = i.id AND f.inline = 0)
       OR EXISTS (SELECT 1 FROM fetches AS f JOIN messages AS m ON m.id = f.message
                   WHERE m.inquiry = i.id AND f.state <> 'here') AS files,
       page.position
  FROM (SELECT i.id, /*+= position */ AS position
          FROM inquiries AS i
          JOIN contact_points AS p ON p.id = i.contact_point
          JOIN customers AS c ON c.id = i.customer
         WHERE /*+= conditions */
         ORDER BY /*+= position */ DESC, i.id DESC
         LIMIT :limit) AS page
  JOIN inquiries AS i ON i.id = page.id
  JOIN contact_points AS p ON p.id = i.contact_point
  JOIN customers AS c ON c.id = i.customer
 ORDER BY page.position DESC, i.id DESC;

-- name: counted
SELECT count(*) AS count
  FROM (SELECT 1 AS one
          FROM inquiries AS i
          JOIN contact_points AS p ON p.id = i.contact_point
          JOIN customers AS c ON c.id = i.customer
         WHERE /*+= conditions */
         LIMIT :limit) AS found;

-- name: load
-- What there is to do, by queue and assignee: the numbers beside the side bar's lists.
SELECT queue, coalesce(assignee, '') AS assignee, count(*) AS count,
       sum(CASE WHEN state = 'new' THEN 1 ELSE 0 END) AS new,
       min(updated_at) AS oldest
  FROM inquiries
 WHERE state IN ('new', 'open', 'researching', 'waiting-for-customer', 'waiting-for-supplier',
                 'snoozed')
 GROUP BY queue, assignee;

-- name: states
-- Only what is still to be done: the rest grows without end.
SELECT queue, state, count(*) AS count FROM inquiries
 WHERE state IN ('new', 'open', 'researching', 'waiting-for-customer', 'waiting-for-supplier',
                 'snoozed')
 GROUP BY queue, state;

-- name: quarantined
SELECT count(*) AS count FROM arrivals WHERE state = 'quarantined';

-- name: trouble
SELECT state, count(*) AS count FROM outbox
 WHERE state IN ('held', 'dead', 'doubtful') AND instead IS NULL GROUP BY state;

-- name: outbox_states
SELECT state, count(*) AS count, min(due_at) AS oldest FROM outbox
 WHERE state IN ('waiting', 'sending', 'held', 'dead', 'doubtful') AND instead IS NULL
 GROUP BY state;

-- name: channels
-- When something last came in, by channel: looks at the newest arrivals, however many there are.
SELECT channel, max(received_at) AS last_in
  FROM (SELECT channel, received_at FROM arrivals ORDER BY id DESC LIMIT 2000) AS newest
 GROUP BY channel;

-- name: inquiry
SELECT i.*, CASE p.name WHEN '' THEN c.name ELSE p.name END AS customer_name,
       c.language AS customer_language, p.address, p.contact,
       before.reference AS continues_reference
  FROM inquiries AS i
  JOIN customers AS c ON c.id = i.customer
  JOIN contact_points AS p ON p.id = i.contact_point
  LEFT JOIN inquiries AS before ON before.id = i.continues
 WHERE i.reference = :reference;

-- name: reference
SELECT reference FROM inquiries WHERE id = :id;

-- name: messages
SELECT m.*, p.address, p.contact, CASE p.name WHEN '' THEN c.name ELSE p.name END AS who,
       o.id AS dispatch, o.state AS dispatch_state, o.due_at, o.attempts, o.last_error,
       o.settled_at, o.instead, a.id AS answer, a.state AS answer_state, a.send_at, a.reason AS answer_reason
  FROM messages AS m
  JOIN contact_points AS p ON p.id = m.contact_point
  JOIN customers AS c ON c.id = p.customer
  LEFT JOIN outbox AS o ON o.inquiry = m.inquiry AND o.message = m.id
  LEFT JOIN answers AS a ON a.message = m.id
 WHERE m.inquiry = :inquiry
 ORDER BY m.id;

-- name: files
-- Those that are here, and those that are only named.
SELECT f.id, f.message, f.filename, f.content_type, f.size, f.inline, f.blocked, 'here' AS state,
       '' AS reason
  FROM attachments AS f JOIN messages AS m ON m.id = f.message
 WHERE m.inquiry = :inquiry
 UNION ALL
SELECT f.id, f.message, f.filename, f.content_type, f.size, f.inline, f.blocked, f.state,
       coalesce(f.reason, '')
  FROM fetches AS f JOIN messages AS m ON m.id = f.message
 WHERE m.inquiry = :inquiry AND f.state <> 'here';

-- name: file
-- By inquiry and number: a number alone opens nothing.
SELECT f.original, f.filename, f.content_type, f.size, f.blocked
  FROM attachments AS f
  JOIN messages AS m ON m.id = f.message
  JOIN inquiries AS i ON i.id = m.inquiry
 WHERE f.id = :file AND i.reference = :reference;

-- name: original
SELECT a.original, a.media_type, a.id AS arrival
  FROM messages AS m
  JOIN arrivals AS a ON a.id = m.arrival
  JOIN inquiries AS i ON i.id = m.inquiry
 WHERE m.id = :message AND i.reference = :reference;

-- name: filled
-- The pattern spares us what has no form; it may find too much.
SELECT m.id, m.contact_point, a.understood
  FROM messages AS m JOIN arrivals AS a ON a.id = m.arrival
 WHERE m.inquiry = :inquiry AND m.direction = 'in' AND m.deleted_at IS NULL
   AND a.understood LIKE '%"form": {%'
 ORDER BY m.id;

-- name: html
SELECT m.html, m.language
  FROM messages AS m JOIN inquiries AS i ON i.id = m.inquiry
 WHERE m.id = :message AND i.reference = :reference AND m.html <> '';

-- name: notes
SELECT id, specialist, text, created_at FROM notes WHERE inquiry = :inquiry ORDER BY id;

-- name: asides
SELECT id, sender, subject, text, reason, state, decided_by, created_at, decided_at
  FROM asides WHERE inquiry = :inquiry ORDER BY id;

-- name: contact_points
SELECT id, contact, address, name FROM contact_points WHERE customer = :customer ORDER BY id;

-- name: participants
SELECT p.id, p.contact, p.address, CASE p.name WHEN '' THEN c.name ELSE p.name END AS name
  FROM participants AS t
  JOIN contact_points AS p ON p.id = t.contact_point
  JOIN customers AS c ON c.id = p.customer
 WHERE t.inquiry = :inquiry AND t.ended_at IS NULL
 ORDER BY t.added_at, p.id;

-- name: of_point
SELECT reference, subject, state, language, updated_at
  FROM inquiries WHERE contact_point = :contact_point ORDER BY id DESC LIMIT 6;

-- name: others
SELECT reference, subject, state, language, updated_at
  FROM inquiries WHERE customer = :customer AND id <> :inquiry ORDER BY id DESC LIMIT 6;
