-- take_position --
-- The compare-and-set for a whole state: from exactly where PostgreSQL stood to where the entry stands, its life too.
UPDATE positions SET incarnation = %(incarnation)s, seq = %(seq)s, change_id = %(change_id)s
WHERE event = %(event)s AND incarnation = %(old_incarnation)s AND seq = %(old_seq)s AND change_id = %(old_change_id)s
RETURNING event

-- take_orders --
-- Orders as the entry has them. A row that is as new stays; the others are told back: they are news.
INSERT INTO orders AS o (event, order_no, account, command_id, fingerprint, status, refund, seq, created_at, held_until, deadline_at,
    extended, ended_at, attempt, attempt_open, method, provider, total, ip, places, categories, prices, returned)
SELECT %(event)s, order_no, account, command_id, fingerprint, status, refund, seq, to_timestamp(created_ms / 1000.0),
    to_timestamp(held_until_ms / 1000.0), to_timestamp(nullif(deadline_ms, 0) / 1000.0), extended,
    to_timestamp(nullif(ended_ms, 0) / 1000.0), nullif(attempt, 0), attempt_open, method, provider, total, ip, places::integer[],
    categories::smallint[], prices::integer[], returned::bigint[]
FROM unnest(%(order_no)s::bigint[], %(account)s::bigint[], %(command_id)s::uuid[], %(fingerprint)s::bigint[], %(status)s::text[],
    %(refund)s::text[], %(seq)s::bigint[], %(created_ms)s::bigint[], %(held_until_ms)s::bigint[], %(deadline_ms)s::bigint[],
    %(extended)s::boolean[], %(ended_ms)s::bigint[], %(attempt)s::bigint[], %(attempt_open)s::boolean[], %(method)s::text[],
    %(provider)s::text[], %(total)s::bigint[], %(ip)s::inet[], %(places)s::text[], %(categories)s::text[], %(prices)s::text[],
    %(returned)s::text[])
    AS told (order_no, account, command_id, fingerprint, status, refund, seq, created_ms, held_until_ms, deadline_ms, extended, ended_ms,
        attempt, attempt_open, method, provider, total, ip, places, categories, prices, returned)
ON CONFLICT (event, order_no) DO UPDATE
SET status = EXCLUDED.status, refund = EXCLUDED.refund, seq = EXCLUDED.seq, deadline_at = EXCLUDED.deadline_at,
    extended = EXCLUDED.extended, ended_at = EXCLUDED.ended_at, attempt = EXCLUDED.attempt, attempt_open = EXCLUDED.attempt_open,
    method = EXCLUDED.method, provider = EXCLUDED.provider, returned = EXCLUDED.returned
WHERE o.seq < EXCLUDED.seq
RETURNING o.order_no

-- take_sold --
-- Orders of which the entry keeps only the places: a row keeps what it knows more of, a new one has no prices.
INSERT INTO orders AS o (event, order_no, account, command_id, fingerprint, status, seq, created_at, held_until, extended, ended_at,
    attempt, attempt_open, total, places, categories, prices)
SELECT %(event)s, order_no, account, '00000000-0000-0000-0000-000000000000', 0, 'confirmed', %(seq)s, %(at)s, %(at)s, true, %(at)s,
    nullif(attempt, 0), false, 0, places::integer[], array_fill(0::smallint, ARRAY[cardinality(places::integer[])]),
    array_fill(0, ARRAY[cardinality(places::integer[])])
FROM unnest(%(order_no)s::bigint[], %(account)s::bigint[], %(attempt)s::bigint[], %(places)s::text[])
    AS told (order_no, account, attempt, places)
ON CONFLICT (event, order_no) DO UPDATE
SET status = 'confirmed', seq = EXCLUDED.seq, deadline_at = NULL, ended_at = EXCLUDED.ended_at,
    attempt = coalesce(EXCLUDED.attempt, o.attempt), attempt_open = false
WHERE o.status <> 'confirmed'
RETURNING o.order_no, coalesce(o.attempt, 0), o.method IS NULL

-- displace_orders --
-- Orders that the entry has no more and whose places are somebody else's there: they ended in the time that was lost.
WITH stale AS (
    SELECT DISTINCT o.order_no
    FROM orders o
    CROSS JOIN LATERAL unnest(o.places) AS own (place)
    JOIN unnest(%(places)s::integer[]) AS claimed (place) ON claimed.place = own.place
    LEFT JOIN unnest(%(known)s::bigint[]) AS known (order_no) ON known.order_no = o.order_no
    WHERE o.event = %(event)s AND o.status IN ('held', 'paying', 'confirmed') AND known.order_no IS NULL)
UPDATE orders o
SET status = CASE WHEN o.status = 'confirmed' THEN 'declined' ELSE 'expired' END, deadline_at = NULL, ended_at = now(), attempt_open = false
FROM stale
WHERE o.event = %(event)s AND o.order_no = stale.order_no
RETURNING o.order_no, coalesce(o.attempt, 0)

-- take_payments --
-- Payments as far as their orders tell of them; what is known of the money itself stays.
INSERT INTO payments AS p (payment, event, order_no, provider, method, amount, status, started_at)
SELECT payment, %(event)s, order_no, provider, method, amount, status, %(at)s
FROM unnest(%(payment)s::bigint[], %(order_no)s::bigint[], %(provider)s::text[], %(method)s::text[], %(amount)s::bigint[],
    %(status)s::text[]) AS told (payment, order_no, provider, method, amount, status)
ON CONFLICT (payment) DO UPDATE SET status = EXCLUDED.status
WHERE p.captured = 0 AND p.status IN ('open', 'unanswered', 'authorised')

-- take_refunds --
-- Money that is on its way back, as far as its payment is known.
INSERT INTO refunds (refund, payment, event, order_no, amount, reason, status, asked_at)
SELECT told.refund, p.payment, p.event, told.order_no, p.amount, told.reason, 'pending', %(at)s
FROM unnest(%(refund)s::bigint[], %(payment)s::bigint[], %(order_no)s::bigint[], %(reason)s::text[])
    AS told (refund, payment, order_no, reason)
JOIN payments p ON p.payment = told.payment
ON CONFLICT (refund) DO UPDATE SET refund = EXCLUDED.refund
RETURNING refund, payment

-- analyse_orders --
-- In the midst of a transaction that fills the table: its later statements are planned for what is there now.
ANALYZE orders

-- analyse_tickets --
-- The same.
ANALYZE tickets
