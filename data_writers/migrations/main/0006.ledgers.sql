-- How far each provider's ledger has been compared with these rows.
-- depends: 0005.comparisons

-- It stands beside the rows that it speaks of: a database that was set back in time reads again what it has forgotten.
CREATE TABLE ledgers (
    provider   text PRIMARY KEY,
    read_until timestamptz NOT NULL         -- by when its payments were begun
);

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'front_row_writer') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON ledgers TO front_row_writer;
    END IF;
END;
$$;
