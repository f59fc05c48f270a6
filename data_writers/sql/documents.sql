-- hold_epoch --
-- The epoch, held until COMMIT: a loss of documents that is noticed meanwhile waits for this transaction, or this one finds no row.
SELECT epoch FROM document_epoch WHERE epoch = %(epoch)s FOR SHARE

-- epoch --
-- How often documents were lost so far.
SELECT epoch FROM document_epoch

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

-- all_halls --
-- For a restore: every version of every hall that is not gone, the latest last.
SELECT hall, version, body::text FROM halls h
WHERE NOT EXISTS (SELECT FROM halls gone WHERE gone.hall = h.hall AND gone.body IS NULL)
ORDER BY hall, version

-- all_claims --
-- For a restore: whose the logins, e-mails and phones are.
SELECT account, login, email, phone FROM accounts WHERE body IS NOT NULL

-- published_events --
-- Events that must have an entry: until a day after they began.
SELECT event FROM events WHERE status = 'published' AND starts_at > now() - interval '1 day'

-- event_of --
-- One event with the plan it is sold by.
SELECT e.body, h.body
FROM events e
LEFT JOIN halls h ON h.hall = e.hall AND h.version = e.hall_version
WHERE e.event = %(event)s AND e.status = 'published'
