-- The archive reads the audit; nobody but the owner changes a line.
-- depends: 0001.audit

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['front_row_writer', 'front_row_archive'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN RAISE NOTICE 'role % was not made', name;
        END;
    END LOOP;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'front_row_writer') THEN
        GRANT USAGE, CREATE ON SCHEMA public TO front_row_writer;
        GRANT SELECT, INSERT ON audit TO front_row_writer;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'front_row_archive') THEN
        GRANT USAGE ON SCHEMA public TO front_row_archive;
        GRANT SELECT ON audit TO front_row_archive;
    END IF;
END;
$$;
