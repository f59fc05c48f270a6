-- Two group roles; login roles are made members by whoever runs the cluster. An owner that may not make roles goes without.
-- depends: 0003.procrastinate-3.10.0

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
        GRANT USAGE ON SCHEMA public TO front_row_writer;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO front_row_writer;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO front_row_writer;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'front_row_archive') THEN
        GRANT USAGE ON SCHEMA public TO front_row_archive;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO front_row_archive;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO front_row_archive;
    END IF;
END;
$$;
