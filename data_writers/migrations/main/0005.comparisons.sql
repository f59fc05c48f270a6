-- What the comparisons of the grid's entries with these rows came to.
-- depends: 0004.roles

-- An entry that was compared, or made from these rows, under members that are all there still needs no comparison: whoever
-- merged into the grid since then, or was started anew, is another member.
CREATE TABLE comparisons (
    event       bigint PRIMARY KEY,
    compared_at timestamptz NOT NULL,
    members     uuid[] NOT NULL,            -- of the grid when it began
    result      text NOT NULL CHECK (result IN (
        'made',         -- not compared: the entry was just made from these rows
        'equal',
        'mended',       -- rows, tickets or jobs were missing or other; they are as the entry says now
        'restored',     -- these rows knew more; the entry was brought back from them
        'differs'       -- neither helped: an administrator has an alarm
    ))
);

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'front_row_writer') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON comparisons TO front_row_writer;
    END IF;
END;
$$;
