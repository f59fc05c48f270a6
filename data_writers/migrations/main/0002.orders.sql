-- What the outboxes bring: orders, tickets, money, and how far each event's outbox has been written.
-- depends: 0001.documents

CREATE DOMAIN order_status AS text CHECK (VALUE IN (
    'held',         -- places kept until the deadline
    'paying',       -- a payment was started; ends by the provider's word, not by the clock
    'confirmed',    -- paid, with tickets (`paid` is a state of the grid only: here both come in one transaction)
    'released',     -- let go by the shopper
    'expired',      -- its time ran out
    'declined',     -- payment declined, capture failed for good, or places refused
    'cancelled'     -- by an administrator
));

CREATE DOMAIN refund_state AS text CHECK (VALUE IN (
    'none',         -- nothing to give back
    'pending',      -- on its way
    'done',         -- the provider has taken it back
    'failed'        -- tried and given up, an administrator has an alarm
));

CREATE DOMAIN ticket_status AS text CHECK (VALUE IN (
    'valid',
    'used',         -- checked in
    'expired',      -- the event is over
    'cancelled'     -- its money went back
));

CREATE DOMAIN payment_status AS text CHECK (VALUE IN (
    'open',             -- started, no answer yet
    'authorised',       -- reserved at the provider
    'captured',         -- taken
    'declined',
    'cancelled',        -- at the provider: no money will come
    'failed',           -- could not be started at the provider
    'unanswered',       -- no answer to the cancellation in time; a job goes on asking
    'capture_failed'    -- reserved but could not be taken, for good
));

-- The compare-and-set of two pumps, readers and restores (architecture.md, 9 and 13): effects are written only in the
-- transaction that moves the position from where the drain began.
CREATE TABLE positions (
    event       bigint PRIMARY KEY,
    incarnation bigint NOT NULL,            -- 0: published, never had an entry
    seq         bigint NOT NULL CHECK (seq >= 0),
    change_id   bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE orders (
    event        bigint,
    order_no     bigint,
    account      bigint NOT NULL,
    status       order_status NOT NULL,
    refund       refund_state NOT NULL DEFAULT 'none',
    command_id   uuid NOT NULL,             -- the hold's id: a repeated key finds its order after a restore, too
    fingerprint  bigint NOT NULL,
    seq          bigint NOT NULL,           -- of its last change
    created_at   timestamptz NOT NULL,
    held_until   timestamptz NOT NULL,      -- the first deadline
    deadline_at  timestamptz,               -- the one that counts now
    extended     boolean NOT NULL,          -- has had its one extension by starting to pay
    ended_at     timestamptz,
    attempt      bigint,                    -- the latest payment
    attempt_open boolean NOT NULL,
    method       text CHECK (method IN ('card', 'sbp')),
    provider     text,
    total        bigint NOT NULL CHECK (total >= 0),    -- kopecks
    ip           inet,
    places       integer[] NOT NULL,
    categories   smallint[] NOT NULL,
    prices       integer[] NOT NULL,        -- kopecks
    returned     bigint[] NOT NULL DEFAULT '{}',        -- payments whose money was sent back
    PRIMARY KEY (event, order_no),
    CHECK (cardinality(places) BETWEEN 1 AND 10),
    CHECK (cardinality(places) = cardinality(categories) AND cardinality(places) = cardinality(prices))
) WITH (fillfactor = 75);                   -- changes of state touch no indexed column: room for them on the same page

CREATE INDEX orders_account ON orders (account, created_at);

CREATE TABLE tickets (
    event     bigint,
    order_no  bigint,
    place     integer,
    status    ticket_status NOT NULL,
    issued_at timestamptz NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (event, order_no, place),
    FOREIGN KEY (event, order_no) REFERENCES orders (event, order_no),
    CHECK ((status = 'used') = (used_at IS NOT NULL))
);

-- Invariant I1, whatever the grid says: at most one valid ticket per place.
CREATE UNIQUE INDEX tickets_one_per_place ON tickets (event, place) WHERE status IN ('valid', 'used');

CREATE TABLE payments (
    payment  bigint PRIMARY KEY,            -- the attempt: also the provider's idempotence key
    event    bigint NOT NULL,
    order_no bigint NOT NULL,
    provider text NOT NULL,
    method   text NOT NULL CHECK (method IN ('card', 'sbp')),
    amount   bigint NOT NULL CHECK (amount >= 0),       -- kopecks: asked for, then what the provider reports
    status   payment_status NOT NULL,
    captured bigint NOT NULL DEFAULT 0 CHECK (captured >= 0),
    refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),   -- on its way back or back
    started_at timestamptz NOT NULL,
    CHECK (refunded <= captured)            -- never more back than was taken
);

CREATE INDEX payments_open ON payments (payment) WHERE status = 'open';
CREATE INDEX payments_order ON payments (event, order_no);

-- A movement of money has a row before it has a call; `refund` is the provider's idempotence key.
CREATE TABLE refunds (
    refund   bigint PRIMARY KEY,
    payment  bigint NOT NULL REFERENCES payments,
    event    bigint NOT NULL,
    order_no bigint NOT NULL,
    amount   bigint NOT NULL CHECK (amount >= 0),       -- kopecks
    reason   text NOT NULL CHECK (reason IN (
        'amount',           -- its sum was not the order's
        'closed_attempt',   -- came on an attempt that was closed
        'ended_order',      -- the order had ended
        'seats_gone',       -- late, and the seats are somebody else's
        'event_over',       -- late, and the event has begun
        'unmatched',        -- no such order
        'refused',          -- PostgreSQL refused the tickets
        'removed',          -- the places were taken off the sale
        'cancelled'         -- an administrator cancelled the order
    )),
    status   text NOT NULL CHECK (status IN ('pending', 'done', 'failed')),
    tries    integer NOT NULL DEFAULT 0,
    reserved boolean NOT NULL DEFAULT false,            -- counted in payments.refunded
    error    text,                                      -- why the latest try failed
    asked_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE INDEX refunds_order ON refunds (event, order_no);
CREATE INDEX refunds_payment ON refunds (payment);
CREATE INDEX refunds_unfinished ON refunds (status, asked_at) WHERE status <> 'done';

-- What could not be written and waits for a human: a change and the later ones of its order, or a document.
CREATE TABLE set_aside (
    id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    event       bigint,
    incarnation bigint,
    seq         bigint,
    order_no    bigint,
    document    text,
    record      bytea NOT NULL,
    reason      text NOT NULL,
    resolved_at timestamptz,
    UNIQUE (event, incarnation, seq)
);

CREATE INDEX set_aside_orders ON set_aside (event, order_no) WHERE resolved_at IS NULL;

CREATE TABLE alarms (
    id          bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    kind        text NOT NULL,
    event       bigint,
    order_no    bigint,
    detail      jsonb NOT NULL DEFAULT '{}',
    resolved_at timestamptz
);

CREATE INDEX alarms_open ON alarms (at) WHERE resolved_at IS NULL;

-- Unix milliseconds of a time as the grid has it: 0 for none.
CREATE FUNCTION ms(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce((extract(epoch FROM at) * 1000)::bigint, 0)
$$;
