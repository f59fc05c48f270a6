-- How many transactions have written documents: less than the grid remembers says that the database was set back in time.
-- depends: 0006.ledgers

ALTER TABLE document_epoch ADD COLUMN written bigint NOT NULL DEFAULT 0;
