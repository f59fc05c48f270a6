-- add_lines --
-- Lines of the audit log; those that are there stay as they are, so that a repeated batch gives the same.
INSERT INTO audit (at, source, event, seq, ip, account, status, order_no, detail)
SELECT timestamptz 'epoch' + at_us * interval '1 microsecond', source, event, seq, ip, nullif(account, 0), status, nullif(order_no, 0),
    detail::jsonb
FROM unnest(%(at_us)s::bigint[], %(source)s::bigint[], %(event)s::bigint[], %(seq)s::bigint[], %(ip)s::inet[], %(account)s::bigint[],
    %(status)s::text[], %(order_no)s::bigint[], %(detail)s::text[])
    AS line (at_us, source, event, seq, ip, account, status, order_no, detail)
ON CONFLICT DO NOTHING

-- make_partition --
-- The partition of a month, named by any of its days.
SELECT audit_partition(%(month)s::date)
