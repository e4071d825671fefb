-- name: hold
-- One transaction writes at a time: nothing has to be held.
SELECT :address_key AS address_key WHERE 0;
