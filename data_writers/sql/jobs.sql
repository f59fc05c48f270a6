-- payment --
-- A payment with its order's state.
SELECT p.event, p.order_no, p.provider, p.method, p.amount, p.status, p.captured, o.status
FROM payments p
LEFT JOIN orders o ON o.event = p.event AND o.order_no = p.order_no
WHERE p.payment = %(payment)s

-- captured --
-- The money is taken.
UPDATE payments SET status = 'captured', captured = greatest(captured, %(captured)s) WHERE payment = %(payment)s

-- capture_waits --
-- An alarm for an order whose money cannot be taken for a long time, unless there is one.
INSERT INTO alarms (kind, event, order_no, detail)
SELECT 'capture_waits', %(event)s, %(order)s, %(detail)s
WHERE NOT EXISTS (
    SELECT FROM alarms WHERE kind = 'capture_waits' AND event = %(event)s AND order_no = %(order)s AND resolved_at IS NULL)

-- closed --
-- No money will come.
UPDATE payments SET status = 'cancelled' WHERE payment = %(payment)s AND captured = 0 AND status IN ('open', 'unanswered', 'authorised')

-- refund --
-- A refund with its payment, and whether that is of the same order.
SELECT r.payment, r.event, r.order_no, r.amount, r.status, p.provider, (p.event, p.order_no) = (r.event, r.order_no)
FROM refunds r JOIN payments p ON p.payment = r.payment
WHERE r.refund = %(refund)s

-- reserve --
-- Before the call: the sum counts as given back. More than was taken fails here, by the table's own constraint.
UPDATE payments p
SET status = 'captured', captured = greatest(p.captured, %(captured)s), refunded = p.refunded + %(amount)s
FROM refunds r
WHERE r.refund = %(refund)s AND NOT r.reserved AND p.payment = r.payment

-- mark_reserved --
-- In the same transaction, after it: the sum stays what it was at the first call, which the provider knows it by.
UPDATE refunds SET reserved = true, amount = CASE WHEN reserved THEN amount ELSE %(amount)s END WHERE refund = %(refund)s
RETURNING amount

-- more_captured --
-- More was taken than was known.
UPDATE payments SET captured = greatest(captured, %(captured)s) WHERE payment = %(payment)s

-- ask_rest --
-- A refund of what another one has left.
INSERT INTO refunds (refund, payment, event, order_no, amount, reason, status, asked_at)
SELECT %(rest)s, payment, event, order_no, %(amount)s, reason, 'pending', now() FROM refunds WHERE refund = %(refund)s
ON CONFLICT (refund) DO NOTHING

-- tried --
-- One more try, and why it failed.
UPDATE refunds SET tries = tries + 1, error = %(error)s WHERE refund = %(refund)s RETURNING tries

-- unreserve --
-- A refund that was refused gives its sum back to the payment.
WITH reserved AS (
    UPDATE refunds SET reserved = false WHERE refund = %(refund)s AND reserved RETURNING payment, amount)
UPDATE payments p SET refunded = p.refunded - r.amount
FROM reserved r
WHERE p.payment = r.payment

-- end_refund --
-- Its end, once.
UPDATE refunds
SET status = %(status)s, reserved = reserved AND %(status)s = 'done', ended_at = now(), tries = tries + 1, error = %(error)s
WHERE refund = %(refund)s AND status = 'pending'

-- refund_of_order --
-- An order's refund is as far as the last of its refunds.
UPDATE orders o
SET refund = CASE
    WHEN EXISTS (SELECT FROM refunds r WHERE r.event = o.event AND r.order_no = o.order_no AND r.status = 'pending') THEN 'pending'
    WHEN EXISTS (SELECT FROM refunds r WHERE r.event = o.event AND r.order_no = o.order_no AND r.status = 'failed') THEN 'failed'
    ELSE 'done'
END
WHERE o.event = %(event)s AND o.order_no = %(order)s
RETURNING o.refund

-- refund_state --
-- What the grid is to be told of an order's refund, and in which life of the entry.
SELECT o.refund, p.incarnation
FROM orders o JOIN positions p ON p.event = o.event
WHERE o.event = %(event)s AND o.order_no = %(order)s

-- ledger_read_until --
-- How far a provider's ledger has been read.
SELECT read_until FROM ledgers WHERE provider = %(provider)s

-- ledger_read --
-- It has been read so far.
INSERT INTO ledgers (provider, read_until) VALUES (%(provider)s, %(until)s)
ON CONFLICT (provider) DO UPDATE SET read_until = EXCLUDED.read_until

-- unmatched --
-- Which of a provider's payments, whose money is there, belong to no order that is sold or being paid, and are not on their way back;
-- and whether their event is ours. What is being settled has its job.
SELECT told.payment, EXISTS (SELECT FROM positions WHERE event = told.event)
FROM unnest(%(payment)s::bigint[], %(event)s::bigint[]) AS told (payment, event)
LEFT JOIN payments p ON p.payment = told.payment
LEFT JOIN orders o ON o.event = p.event AND o.order_no = p.order_no
WHERE (o.status IN ('confirmed', 'paying') AND o.attempt = told.payment) IS NOT TRUE
    AND NOT EXISTS (SELECT FROM refunds r WHERE r.payment = told.payment)
    AND NOT EXISTS (SELECT FROM procrastinate_jobs WHERE lock = 'payment:' || told.payment AND status IN ('todo', 'doing'))

-- statistics --
-- Without them a burst of jobs is fetched by a plan for an empty table, five times slower.
ANALYZE procrastinate_jobs

-- queue --
-- Jobs that are not done, by task; those that ended by an error as one number.
SELECT CASE WHEN status = 'failed' THEN '' ELSE task_name END, CASE WHEN status = 'failed' THEN 'failed' ELSE 'waiting' END, count(*)
FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2
