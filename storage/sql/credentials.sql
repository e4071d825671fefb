-- name: password
SELECT password FROM credentials WHERE specialist = :specialist;

-- name: passwords
SELECT specialist FROM credentials ORDER BY specialist;

-- name: set_password
INSERT INTO credentials (specialist, password, changed_at) VALUES (:specialist, :password, :now)
ON CONFLICT (specialist) DO UPDATE SET password = excluded.password, changed_at = excluded.changed_at;

-- name: open_session
INSERT INTO sessions (token, specialist, created_at, expires_at)
VALUES (:token, :specialist, :now, :expires_at);

-- name: session
SELECT specialist FROM sessions WHERE token = :token AND expires_at > :now;

-- name: sessions
SELECT token, specialist FROM sessions WHERE expires_at > :now;

-- name: close_session
DELETE FROM sessions WHERE token = :token;

-- name: close_sessions_of
DELETE FROM sessions WHERE specialist = :specialist;

-- name: forget_old_sessions
DELETE FROM sessions WHERE expires_at <= :now;

-- name: add_link
INSERT INTO sign_in_links (token, specialist, expires_at) VALUES (:token, :specialist, :expires_at);

-- name: link
SELECT specialist FROM sign_in_links WHERE token = :token AND expires_at > :now;

-- name: use_link
DELETE FROM sign_in_links WHERE token = :token AND expires_at > :now RETURNING specialist;

-- name: forget_old_links
DELETE FROM sign_in_links WHERE expires_at <= :now;

-- name: failures
SELECT count(*) AS count FROM sign_in_failures WHERE who = :who AND at > :since;

-- name: add_failure
INSERT INTO sign_in_failures (who, at) VALUES (:who, :now);

-- name: forget_failures
DELETE FROM sign_in_failures WHERE who = :who OR at <= :since;
