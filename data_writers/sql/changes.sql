-- lock_positions --
-- The events of a transaction in one order, so that two writers wait for each other instead of deadlocking.
SELECT event FROM positions WHERE event = ANY(%(events)s::bigint[]) ORDER BY event FOR UPDATE

-- move_positions --
-- The compare-and-set of decision 9: no row for an event, nothing of it is written.
UPDATE positions p
SET seq = moved.to_seq, change_id = moved.change_id
FROM unnest(%(events)s::bigint[], %(incarnations)s::bigint[], %(from_seqs)s::bigint[], %(to_seqs)s::bigint[], %(change_ids)s::bigint[])
    AS moved (event, incarnation, from_seq, to_seq, change_id)
WHERE p.event = moved.event AND p.incarnation = moved.incarnation AND p.seq = moved.from_seq
RETURNING p.event

-- overrule_position --
-- After a divergence: the entry's own history goes on from here, whatever the position said.
UPDATE positions SET seq = %(to_seq)s, change_id = %(change_id)s
WHERE event = %(event)s AND incarnation = %(incarnation)s AND seq = %(stood_at)s
RETURNING event

-- orders_set_aside --
-- Orders of these events whose later changes must be set aside, too.
SELECT DISTINCT event, order_no FROM set_aside
WHERE event = ANY(%(events)s::bigint[]) AND resolved_at IS NULL AND order_no IS NOT NULL

-- begin_orders --
-- Orders whose first change is in this batch, in the state their last change of it gave them. A row that is there already is an error of the data.
INSERT INTO orders (event, order_no, status, refund, seq, deadline_at, extended, ended_at, attempt, attempt_open, method, provider,
    returned, account, command_id, fingerprint, created_at, held_until, total, ip, places, categories, prices)
SELECT event, order_no, status, refund, seq, to_timestamp(nullif(deadline_ms, 0) / 1000.0), extended, to_timestamp(nullif(ended_ms, 0) / 1000.0),
    attempt, attempt_open, method, provider, returned::bigint[], account, command_id, fingerprint, to_timestamp(created_ms / 1000.0),
    to_timestamp(held_until_ms / 1000.0), total, ip, places::integer[], categories::smallint[], prices::integer[]
FROM unnest(%(event)s::bigint[], %(order_no)s::bigint[], %(status)s::text[], %(refund)s::text[], %(seq)s::bigint[],
    %(deadline_ms)s::bigint[], %(extended)s::boolean[], %(ended_ms)s::bigint[], %(attempt)s::bigint[], %(attempt_open)s::boolean[],
    %(method)s::text[], %(provider)s::text[], %(returned)s::text[], %(account)s::bigint[], %(command_id)s::uuid[],
    %(fingerprint)s::bigint[], %(created_ms)s::bigint[], %(held_until_ms)s::bigint[], %(total)s::bigint[], %(ip)s::inet[],
    %(places)s::text[], %(categories)s::text[], %(prices)s::text[])
    AS begun (event, order_no, status, refund, seq, deadline_ms, extended, ended_ms, attempt, attempt_open, method, provider, returned,
        account, command_id, fingerprint, created_ms, held_until_ms, total, ip, places, categories, prices)

-- touch_orders --
-- Orders that were there: NULL keeps what is, a time of 0 takes it away, returned payments are added.
UPDATE orders o
SET status = coalesce(touched.status, o.status),
    refund = coalesce(touched.refund, o.refund),
    seq = touched.seq,
    deadline_at = CASE WHEN touched.deadline_ms IS NULL THEN o.deadline_at ELSE to_timestamp(nullif(touched.deadline_ms, 0) / 1000.0) END,
    extended = coalesce(touched.extended, o.extended),
    ended_at = CASE WHEN touched.ended_ms IS NULL THEN o.ended_at ELSE to_timestamp(nullif(touched.ended_ms, 0) / 1000.0) END,
    attempt = coalesce(touched.attempt, o.attempt),
    attempt_open = coalesce(touched.attempt_open, o.attempt_open AND o.attempt IS DISTINCT FROM touched.returned_attempt),
    method = coalesce(touched.method, o.method),
    provider = coalesce(touched.provider, o.provider),
    returned = CASE WHEN touched.returned IS NULL THEN o.returned ELSE o.returned || touched.returned::bigint[] END
FROM unnest(%(event)s::bigint[], %(order_no)s::bigint[], %(status)s::text[], %(refund)s::text[], %(seq)s::bigint[],
    %(deadline_ms)s::bigint[], %(extended)s::boolean[], %(ended_ms)s::bigint[], %(attempt)s::bigint[], %(attempt_open)s::boolean[],
    %(method)s::text[], %(provider)s::text[], %(returned)s::text[], %(returned_attempt)s::bigint[])
    AS touched (event, order_no, status, refund, seq, deadline_ms, extended, ended_ms, attempt, attempt_open, method, provider, returned,
        returned_attempt)
WHERE o.event = touched.event AND o.order_no = touched.order_no

-- write_payments --
-- What is known of each payment after this batch. Sums only grow: a late `authorised` does not undo a capture.
INSERT INTO payments AS p (payment, event, order_no, provider, method, amount, status, captured, started_at)
SELECT payment, event, order_no, provider, method, amount, status, captured, to_timestamp(at_ms / 1000.0)
FROM unnest(%(payment)s::bigint[], %(event)s::bigint[], %(order_no)s::bigint[], %(provider)s::text[], %(method)s::text[],
    %(amount)s::bigint[], %(status)s::text[], %(captured)s::bigint[], %(at_ms)s::bigint[])
    AS told (payment, event, order_no, provider, method, amount, status, captured, at_ms)
ON CONFLICT (payment) DO UPDATE
SET amount = EXCLUDED.amount,
    status = CASE WHEN p.captured > EXCLUDED.captured THEN p.status ELSE EXCLUDED.status END,
    captured = greatest(p.captured, EXCLUDED.captured)

-- close_payments --
-- Attempts that ended without money.
UPDATE payments p
SET status = closed.status
FROM unnest(%(payment)s::bigint[], %(status)s::text[]) AS closed (payment, status)
WHERE p.payment = closed.payment AND p.captured = 0

-- close_payments_of_expired --
-- An order that expires without an open attempt had its last one cancelled at the provider.
UPDATE payments p
SET status = 'cancelled'
FROM unnest(%(event)s::bigint[], %(order_no)s::bigint[]) AS expired (event, order_no)
WHERE p.event = expired.event AND p.order_no = expired.order_no AND p.status = 'open'

-- cancel_tickets --
-- Orders whose money could not be taken after their tickets were written.
UPDATE tickets t
SET status = 'cancelled'
FROM unnest(%(event)s::bigint[], %(order_no)s::bigint[]) AS gone (event, order_no)
WHERE t.event = gone.event AND t.order_no = gone.order_no AND t.status = 'valid'

-- issue_tickets --
-- A ticket per place of each paid order, first come first served; what another order's valid ticket stands on is left out.
INSERT INTO tickets (event, order_no, place, status, issued_at)
SELECT o.event, o.order_no, place, 'valid', to_timestamp(paid.at_ms / 1000.0)
FROM unnest(%(event)s::bigint[], %(order_no)s::bigint[], %(at_ms)s::bigint[]) WITH ORDINALITY AS paid (event, order_no, at_ms, nth)
JOIN orders o ON o.event = paid.event AND o.order_no = paid.order_no
CROSS JOIN LATERAL unnest(o.places) AS place
ORDER BY paid.nth
ON CONFLICT DO NOTHING

-- refused_places --
-- The places on which a paid order has no valid ticket of its own now: somebody else's stands there. A change that is written a
-- second time, by hand or after a divergence, finds its own tickets and is not refused.
SELECT o.event, o.order_no, array_agg(wanted.place ORDER BY wanted.place)
FROM unnest(%(event)s::bigint[], %(order_no)s::bigint[]) AS paid (event, order_no)
JOIN orders o ON o.event = paid.event AND o.order_no = paid.order_no
CROSS JOIN LATERAL unnest(o.places) AS wanted (place)
-- A subquery with one row at most, not NOT EXISTS: while there are no statistics, that was a join that read all tickets of the event.
WHERE o.order_no IS DISTINCT FROM (
    SELECT t.order_no FROM tickets t
    WHERE t.event = o.event AND t.place = wanted.place AND t.status IN ('valid', 'used'))
GROUP BY o.event, o.order_no

-- withdraw_tickets --
-- An order is refused as a whole: the tickets that it did get were never anybody's.
DELETE FROM tickets t
USING unnest(%(event)s::bigint[], %(order_no)s::bigint[]) AS refused (event, order_no)
WHERE t.event = refused.event AND t.order_no = refused.order_no

-- refuse_orders --
-- Their money goes back.
UPDATE orders o
SET status = 'declined', refund = 'pending'
FROM unnest(%(event)s::bigint[], %(order_no)s::bigint[]) AS refused (event, order_no)
WHERE o.event = refused.event AND o.order_no = refused.order_no

-- ask_refunds --
-- The row that a movement of money has before it has a call. One that is there is on its way already.
INSERT INTO refunds (refund, payment, event, order_no, amount, reason, status, asked_at)
SELECT refund, payment, event, order_no, amount, reason, 'pending', to_timestamp(at_ms / 1000.0)
FROM unnest(%(refund)s::bigint[], %(payment)s::bigint[], %(event)s::bigint[], %(order_no)s::bigint[], %(amount)s::bigint[],
    %(reason)s::text[], %(at_ms)s::bigint[])
    AS asked (refund, payment, event, order_no, amount, reason, at_ms)
ON CONFLICT (refund) DO NOTHING

-- enqueue_jobs --
-- procrastinate's own function, in our transaction.
SELECT procrastinate_defer_jobs_v1(array_agg(
    ROW('money', task, 0, lock, NULL, args::jsonb, NULL)::procrastinate_job_to_defer_v1 ORDER BY nth))
FROM unnest(%(task)s::text[], %(lock)s::text[], %(args)s::text[]) WITH ORDINALITY AS job (task, lock, args, nth)

-- raise_alarms --
-- For the administrators' panel.
INSERT INTO alarms (kind, event, order_no, detail)
SELECT kind, nullif(event, 0), nullif(order_no, 0), detail::jsonb
FROM unnest(%(kind)s::text[], %(event)s::bigint[], %(order_no)s::bigint[], %(detail)s::text[]) AS alarm (kind, event, order_no, detail)

-- set_aside --
-- A change that could not be written; said once.
INSERT INTO set_aside (event, incarnation, seq, order_no, record, reason)
VALUES (%(event)s, %(incarnation)s, %(seq)s, nullif(%(order_no)s::bigint, 0), %(record)s, %(reason)s)
ON CONFLICT (event, incarnation, seq) DO NOTHING
