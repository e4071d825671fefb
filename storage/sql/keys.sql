-- name: take_turn
-- Nodes that start together must not make two first keys: this row is locked until the commit.
INSERT INTO sequences (name, value) VALUES ('signing-keys', 1)
ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1;

-- name: valid
SELECT secret FROM signing_keys WHERE retired_at IS NULL ORDER BY id DESC LIMIT 2;

-- name: add
INSERT INTO signing_keys (secret, created_at) VALUES (:secret, :now);

-- name: retire
UPDATE signing_keys SET retired_at = :now
 WHERE retired_at IS NULL
   AND id NOT IN (SELECT id FROM signing_keys WHERE retired_at IS NULL ORDER BY id DESC LIMIT 2);
