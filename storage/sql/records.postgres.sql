-- name: put
-- A key that is there already stays as it is, and comes back as it is.
INSERT INTO customer_records (import, matched_by, key, organization, attributes, line)
SELECT * FROM unnest(:number::bigint[], :matched_by::text[], :key::text[], :organization::text[],
                     :attributes::text[], :line::bigint[])
ON CONFLICT (import, matched_by, key) DO UPDATE SET line = customer_records.line
RETURNING matched_by, key, organization, attributes, line;
