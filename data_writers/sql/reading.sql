-- publish_position --
-- A published event has a position before it has an entry.
INSERT INTO positions (event, incarnation, seq, change_id) VALUES (%(event)s, 0, 0, 0) ON CONFLICT DO NOTHING

-- positions --
-- Where the drains of these events go on.
SELECT event, incarnation, seq, change_id FROM positions WHERE event = ANY(%(events)s::bigint[])

-- position --
-- Where one event stands.
SELECT incarnation, seq, change_id FROM positions WHERE event = %(event)s

-- move_to_incarnation --
-- Decision 13 (c): from here on, pumps of the former life fail. What was just made from the rows needs no comparison with them.
WITH moved AS (
    UPDATE positions SET incarnation = %(new)s WHERE event = %(event)s AND incarnation = %(old)s AND seq = %(seq)s RETURNING event)
INSERT INTO comparisons AS c (event, compared_at, members, result) SELECT event, now(), %(members)s::uuid[], 'made' FROM moved
ON CONFLICT (event) DO UPDATE SET compared_at = EXCLUDED.compared_at, members = EXCLUDED.members, result = EXCLUDED.result

-- published_events --
-- Events that must have an entry: until a day after they began.
SELECT event FROM events WHERE status = 'published' AND starts_at > now() - %(stay_ms)s * interval '1 millisecond'

-- events_over --
-- Those of these events that need no entry any more, and where each stands.
SELECT event, p.incarnation, p.seq, p.change_id FROM events e JOIN positions p USING (event)
WHERE event = ANY(%(events)s::bigint[]) AND e.status = 'published' AND e.starts_at <= now() - %(stay_ms)s * interval '1 millisecond'

-- event_of --
-- A published event.
SELECT body, hall, hall_version FROM events WHERE event = %(event)s AND status = 'published'

-- hall_of --
-- A version of a hall; the latest that is not newer says in `earlier` which other document keeps the plan, if this one moved on before it was drained.
SELECT body FROM halls WHERE hall = %(hall)s AND body IS NOT NULL ORDER BY version = %(version)s DESC, version DESC LIMIT 1

-- orders --
-- What an entry keeps as orders: live ones, and for fifteen minutes those that ended.
SELECT order_no, account, command_id, fingerprint, status, refund, seq, ms(created_at), ms(held_until), ms(deadline_at), extended,
    ms(ended_at), coalesce(attempt, 0), attempt_open, coalesce(method, ''), coalesce(provider, ''), total, coalesce(host(ip), ''), places, categories,
    prices, returned
FROM orders
WHERE event = %(event)s AND (status IN ('held', 'paying') OR ended_at > now() - %(kept_ms)s * interval '1 millisecond')

-- sold --
-- The places of every order that has valid tickets, and the payment that bought them.
SELECT order_no, o.account, coalesce(o.attempt, 0), t.places
FROM (
    SELECT order_no, array_agg(place) AS places FROM tickets WHERE event = %(event)s AND status IN ('valid', 'used') GROUP BY order_no
) t
JOIN orders o USING (order_no)
WHERE o.event = %(event)s

-- verdicts --
-- What PostgreSQL has decided of the orders that changed after a seq.
SELECT o.order_no, o.status, o.refund,
    CASE WHEN o.status = 'declined' AND EXISTS (
        SELECT FROM refunds r WHERE r.event = o.event AND r.order_no = o.order_no AND r.reason = 'refused')
    THEN ARRAY(
        SELECT t.place FROM tickets t
        WHERE t.event = o.event AND t.place = ANY(o.places) AND t.status IN ('valid', 'used') AND t.order_no <> o.order_no)
    END
FROM orders o
WHERE o.event = %(event)s AND o.seq > %(seq)s AND (o.status = 'confirmed' OR o.refund <> 'none')

-- set_aside_after --
-- Orders of which a change was set aside after a seq.
SELECT DISTINCT order_no FROM set_aside WHERE event = %(event)s AND seq > %(seq)s AND order_no IS NOT NULL

-- paying --
-- Orders whose shopper is at the provider, as far as PostgreSQL knows.
SELECT p.event, p.order_no, p.payment, p.provider, p.method
FROM payments p JOIN orders o ON o.event = p.event AND o.order_no = p.order_no AND o.attempt = p.payment
WHERE p.status = 'open' AND o.status = 'paying'

-- take_share --
-- Whose turn it is, until the session ends.
SELECT pg_try_advisory_lock(%(family)s, %(share)s)
