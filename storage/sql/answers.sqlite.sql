-- name: hold_contact_point
-- One transaction writes at a time: nothing has to be held.
SELECT :contact_point AS contact_point;
