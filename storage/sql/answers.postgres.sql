-- name: hold_contact_point
-- A lock of its own, not the row: placing messages holds rows in another order than composing.
SELECT pg_advisory_xact_lock(hashtextextended('automatic answer', :contact_point));
