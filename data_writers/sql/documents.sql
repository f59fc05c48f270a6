-- hold_epoch --
-- The epoch, held until COMMIT: a loss of documents that is noticed meanwhile waits for this transaction, or this one finds no row.
SELECT epoch FROM document_epoch WHERE epoch = %(epoch)s FOR SHARE

-- count_write --
-- The same for what the pump carries, one after the other: each of its transactions has a number.
UPDATE document_epoch SET written = written + 1 WHERE epoch = %(epoch)s RETURNING written

-- standing --
-- How often documents were lost so far, and how many transactions have written some.
SELECT epoch, written FROM document_epoch

-- next_epoch --
-- Documents were lost: what was drained before now may not be written any more.
UPDATE document_epoch SET epoch = epoch + 1 RETURNING epoch

-- artist --
-- The newer version stays.
INSERT INTO artists AS d (artist, version, body)
VALUES (%(number)s, %(version)s, %(body)s)
ON CONFLICT (artist) DO UPDATE SET version = EXCLUDED.version, body = EXCLUDED.body
WHERE d.version < EXCLUDED.version

-- hall --
-- Every version stays.
INSERT INTO halls (hall, version, body)
VALUES (%(number)s, %(version)s, %(body)s)
ON CONFLICT (hall, version) DO NOTHING

-- event --
-- What the reader needs to know of an event stands in columns of its own.
INSERT INTO events AS d (event, version, status, hall, hall_version, starts_at, body)
VALUES (%(number)s, %(version)s, %(status)s, %(hall)s, %(hall_version)s, %(starts_at)s, %(body)s)
ON CONFLICT (event) DO UPDATE
SET version = EXCLUDED.version, status = EXCLUDED.status, hall = EXCLUDED.hall, hall_version = EXCLUDED.hall_version,
    starts_at = EXCLUDED.starts_at, body = EXCLUDED.body
WHERE d.version < EXCLUDED.version

-- account --
-- The unique indexes are the last fence of the claims in the grid.
INSERT INTO accounts AS d (account, version, login, email, phone, body)
VALUES (%(number)s, %(version)s, %(login)s, %(email)s, %(phone)s, %(body)s)
ON CONFLICT (account) DO UPDATE
SET version = EXCLUDED.version, login = EXCLUDED.login, email = EXCLUDED.email, phone = EXCLUDED.phone, body = EXCLUDED.body
WHERE d.version < EXCLUDED.version

-- set_aside --
-- A document that the constraints refuse waits for a human.
INSERT INTO set_aside (document, seq, record, reason) VALUES (%(key)s, %(version)s, %(record)s, %(reason)s)

-- all_documents --
-- For a restore: the present version of every document that is not gone.
SELECT 'artist' AS kind, artist AS number, version, body::text FROM artists WHERE body IS NOT NULL
UNION ALL
SELECT 'event', event, version, body::text FROM events WHERE body IS NOT NULL
UNION ALL
SELECT 'account', account, version, body::text FROM accounts WHERE body IS NOT NULL
UNION ALL
SELECT * FROM (SELECT DISTINCT ON (hall) 'hall', hall, version, body::text FROM halls ORDER BY hall, version DESC) latest (kind, number, version, body)
WHERE body IS NOT NULL

-- all_claims --
-- For a restore: whose the logins, e-mails and phones are.
SELECT account, login, email, phone FROM accounts WHERE body IS NOT NULL
