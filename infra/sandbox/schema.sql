-- The sandbox provider's ledger. Sums are in kopecks, times in seconds since the epoch.

CREATE TABLE IF NOT EXISTS payments (
    payment_id TEXT PRIMARY KEY,              -- the shop's idempotence key, so that a payment can be asked for by it
    order_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('card', 'sbp')),
    status TEXT NOT NULL CHECK (status IN ('pending', 'authorised', 'captured', 'declined', 'cancelled')),
    asked INTEGER NOT NULL CHECK (asked > 0),                  -- what the shop asked for
    amount INTEGER NOT NULL CHECK (amount > 0),                -- what the shopper was charged; another sum after `wrong_amount`
    captured INTEGER NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
    refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
    silent INTEGER NOT NULL DEFAULT 0,                         -- 1: the shop is never told (`never`)
    return_url TEXT NOT NULL,
    expires_at REAL NOT NULL,
    created_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS payments_begun ON payments (created_at, payment_id);

CREATE TABLE IF NOT EXISTS refunds (
    refund_id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments,
    amount INTEGER NOT NULL CHECK (amount > 0),
    at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- Approvals that the shopper left for later (`late`).
CREATE TABLE IF NOT EXISTS approvals (
    payment_id TEXT PRIMARY KEY REFERENCES payments,
    due_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS approvals_due ON approvals (due_at);

-- What the shop has still to be told, until it answers 200.
CREATE TABLE IF NOT EXISTS notifications (
    notification INTEGER PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments,
    body BLOB NOT NULL,
    copies INTEGER NOT NULL,                  -- how many more answers of 200 it takes (2 for `twice`)
    tries INTEGER NOT NULL DEFAULT 0,         -- since the last 200
    first_at REAL NOT NULL,
    due_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS notifications_due ON notifications (due_at);

-- Every delivery and the shop's answer; no status code: none came.
CREATE TABLE IF NOT EXISTS deliveries (
    delivery INTEGER PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments,
    at REAL NOT NULL,
    status_code INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_of ON deliveries (payment_id);

-- What is not here is as it should be; requests.py says which words there are.
DROP TABLE IF EXISTS behaviour;               -- of ledgers that knew three words
CREATE TABLE IF NOT EXISTS behaviours (
    what TEXT PRIMARY KEY,
    how TEXT NOT NULL
) STRICT, WITHOUT ROWID;
