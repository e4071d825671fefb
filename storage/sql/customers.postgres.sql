-- name: hold
SELECT pg_advisory_xact_lock(hold.number)
  FROM (SELECT DISTINCT hashtextextended(encode(key, 'hex'), 7) AS number
          FROM unnest(:address_key::bytea[]) AS key
         ORDER BY number) AS hold;
