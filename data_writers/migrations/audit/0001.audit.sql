-- Every purchase operation: a line per change of an order and per refused attempt, kept for a year and longer
-- (requirement 4.8), in a database of its own. Partitions are months; they are made ahead by a job and on demand.

CREATE TABLE audit (
    at       timestamptz NOT NULL,  -- stamped by the grid; what PostgreSQL decided follows its change by microseconds
    source   bigint NOT NULL,       -- the entry's incarnation, or the life of the attempts log
    event    bigint NOT NULL,       -- 0: none
    seq      bigint NOT NULL,       -- within its source
    ip       inet,
    account  bigint,
    status   text NOT NULL,         -- the order's status after the change, or the problem code
    order_no bigint,
    detail   jsonb NOT NULL DEFAULT '{}'
) PARTITION BY RANGE (at);

-- A batch that is written twice gives the same lines.
CREATE UNIQUE INDEX audit_once ON audit (at, source, event, seq);
CREATE INDEX audit_event ON audit (event, at);
CREATE INDEX audit_account ON audit (account, at);

-- The month's partition, made when it is not there; safe when two ask at once.
CREATE FUNCTION audit_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    name  text := format('audit_%s', to_char(first, 'YYYY_MM'));
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('audit_partition'));
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF audit FOR VALUES FROM (%L) TO (%L)',
        name, first::text || ' 00:00:00+00', (first + interval '1 month')::date::text || ' 00:00:00+00');
END;
$$;

DO $$
BEGIN
    PERFORM audit_partition((now() AT TIME ZONE 'UTC')::date);
    PERFORM audit_partition(((now() AT TIME ZONE 'UTC') + interval '1 month')::date);
END;
$$;
