-- Documents of the grid (architecture.md, 14): a row per artist, event and account, a row per version of a hall, because
-- an event keeps the plan it was published with. `version` only ever grows; a late writer changes nothing.

CREATE DOMAIN document_number AS bigint CHECK (VALUE > 0);

CREATE DOMAIN event_status AS text CHECK (VALUE IN (
    'draft',        -- seen by administrators only
    'published',    -- has an inventory, is on sale within its window
    'cancelled',    -- was published and will not take place
    'deleted'       -- never published, gone
));

CREATE TABLE artists (
    artist  document_number PRIMARY KEY,
    version bigint NOT NULL,
    body    jsonb       -- null: gone, only its version is remembered
);

CREATE TABLE halls (
    hall    document_number,
    version bigint,
    body    jsonb,
    PRIMARY KEY (hall, version)
);

CREATE TABLE events (
    event        document_number PRIMARY KEY,
    version      bigint NOT NULL,
    status       event_status NOT NULL,
    hall         bigint,
    hall_version bigint,
    starts_at    timestamptz,
    body         jsonb
);

CREATE INDEX events_published ON events (starts_at) WHERE status = 'published';

CREATE TABLE accounts (
    account document_number PRIMARY KEY,
    version bigint NOT NULL,
    login   text,   -- null after the account was anonymised
    email   text,
    phone   text,
    body    jsonb       -- null: gone, only its version is remembered
);

-- The last fence of the claims in the grid: a login, an e-mail and a phone belong to one account.
CREATE UNIQUE INDEX accounts_login ON accounts (lower(login));
CREATE UNIQUE INDEX accounts_email ON accounts (lower(email));
CREATE UNIQUE INDEX accounts_phone ON accounts (lower(phone));

-- Counts the losses of documents in the grid. Writers hold it FOR SHARE with the number they read before they drained:
-- what was drained before a loss is never written over what was restored after it.
CREATE TABLE document_epoch (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    epoch    bigint NOT NULL
);

INSERT INTO document_epoch (epoch) VALUES (1);
