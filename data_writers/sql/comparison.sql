-- compared --
-- Those of these events that were compared under members that are all there still.
SELECT event FROM comparisons WHERE event = ANY(%(events)s::bigint[]) AND members @> %(members)s::uuid[]

-- record --
-- What a comparison came to.
INSERT INTO comparisons AS c (event, compared_at, members, result) VALUES (%(event)s, now(), %(members)s::uuid[], %(result)s)
ON CONFLICT (event) DO UPDATE SET compared_at = EXCLUDED.compared_at, members = EXCLUDED.members, result = EXCLUDED.result

-- kept_rows --
-- The orders that an entry must know, those that have tickets, and those that it says it knows.
SELECT order_no, account, status, refund, seq, ms(deadline_at), coalesce(attempt, 0), attempt_open, total, places
FROM orders
WHERE event = %(event)s AND (status IN ('held', 'paying') OR order_no = ANY(%(known)s::bigint[])
    OR order_no IN (SELECT order_no FROM tickets WHERE event = %(event)s AND status IN ('valid', 'used')))

-- kept_tickets --
-- The places of each order's valid tickets, and how many it has that are not valid.
SELECT order_no, array_agg(place) FILTER (WHERE status IN ('valid', 'used')), count(*) FILTER (WHERE status NOT IN ('valid', 'used'))
FROM tickets WHERE event = %(event)s GROUP BY order_no

-- orders_aside --
-- Orders that wait for a human.
SELECT DISTINCT order_no FROM set_aside WHERE event = %(event)s AND resolved_at IS NULL AND order_no IS NOT NULL

-- stray_money --
-- Money that was taken and belongs to nothing: not to tickets, nor is it on its way back or back.
SELECT p.order_no, p.payment, p.provider, p.method, p.captured
FROM payments p LEFT JOIN orders o ON o.event = p.event AND o.order_no = p.order_no
WHERE p.event = %(event)s AND p.captured > p.refunded AND (o.status = 'confirmed' AND o.attempt = p.payment) IS NOT TRUE
    AND NOT EXISTS (SELECT FROM refunds r WHERE r.payment = p.payment)

-- untaken_money --
-- Confirmed orders whose money nobody is about to take; those of the last minute have their job.
SELECT p.order_no, p.payment
FROM payments p JOIN orders o ON o.event = p.event AND o.order_no = p.order_no AND o.attempt = p.payment
WHERE p.event = %(event)s AND p.captured = 0 AND o.status = 'confirmed' AND o.ended_at < now() - interval '1 minute'
    AND 'payment:' || p.payment NOT IN (SELECT lock FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock IS NOT NULL)
LIMIT %(most)s

-- unclear_attempts --
-- The latest attempts that brought no money, as far as is known here: the provider may know better.
SELECT p.order_no, p.payment, p.provider, p.method
FROM payments p LEFT JOIN orders o ON o.event = p.event AND o.order_no = p.order_no
WHERE p.event = %(event)s AND p.captured = 0 AND p.started_at > now() - %(asked_ms)s * interval '1 millisecond'
    AND (o.status IN ('confirmed', 'paying') AND o.attempt = p.payment) IS NOT TRUE
    AND NOT EXISTS (SELECT FROM refunds r WHERE r.payment = p.payment)
ORDER BY p.started_at DESC
LIMIT %(most)s

-- doubt_orders --
-- Rows that are not as the entry has them, as if they were older than anything that it says; not those that have changed since they were seen.
UPDATE orders o
SET seq = -1, status = 'held', account = seen.account, total = seen.total, places = seen.places::integer[], categories = seen.categories::smallint[],
    prices = seen.prices::integer[]
FROM unnest(%(order_no)s::bigint[], %(seq)s::bigint[], %(account)s::bigint[], %(total)s::bigint[], %(places)s::text[], %(categories)s::text[],
    %(prices)s::text[]) AS seen (order_no, seq, account, total, places, categories, prices)
WHERE o.event = %(event)s AND o.order_no = seen.order_no AND o.seq = seen.seq
RETURNING o.order_no

-- doubt_sold --
-- The same for orders of which the entry keeps only the places.
UPDATE orders o
SET seq = -1, status = 'held'
FROM unnest(%(order_no)s::bigint[], %(seq)s::bigint[]) AS seen (order_no, seq)
WHERE o.event = %(event)s AND o.order_no = seen.order_no AND o.seq = seen.seq
RETURNING o.order_no
