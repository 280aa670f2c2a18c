-- Of an ingest job: the options of batches that name none, and those they may ask for by name.
alter table jobs add column intake jsonb;
