-- order --
-- One order with its tickets; $event, $order.
SELECT o.account, o.command_id, o.fingerprint, o.status, o.refund, o.seq, o.created_at, o.held_until, o.deadline_at,
       o.extended, o.ended_at, o.attempt, o.attempt_open, o.method, o.provider, o.total, o.ip, o.places, o.categories,
       o.prices, o.returned,
       ARRAY(SELECT t.place FROM tickets t WHERE t.event = o.event AND t.order_no = o.order_no ORDER BY t.place) AS ticket_places,
       ARRAY(SELECT t.status::text FROM tickets t WHERE t.event = o.event AND t.order_no = o.order_no ORDER BY t.place)
           AS ticket_statuses
FROM orders o
WHERE o.event = %(event)s AND o.order_no = %(order)s;

-- audit --
-- Lines that match, newest first, after a line's key where one is given. Null says "any": the planner sees the constants
-- and drops the condition.
SELECT at, source, event, seq, ip, account, status, order_no, detail
FROM audit
WHERE (%(since)s::timestamptz IS NULL OR at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
  AND (%(account)s::bigint IS NULL OR account = %(account)s)
  AND (%(ip)s::inet IS NULL OR ip = %(ip)s)
  AND (%(status)s::text IS NULL OR status = %(status)s)
  AND (%(event)s::bigint IS NULL OR event = %(event)s)
  AND (%(after_at)s::timestamptz IS NULL
       OR (at, source, event, seq) < (%(after_at)s, %(after_source)s::bigint, %(after_event)s::bigint, %(after_seq)s::bigint))
ORDER BY at DESC, source DESC, event DESC, seq DESC
LIMIT %(most)s;
