-- What a person calls a batch.
alter table batches add column name text;
--> statement-breakpoint
-- What happened, in slices of time: a chart of a week reads two thousand rows, however many files it is about. Each
-- outcome is added to a short slice for the last hours and to a long one for the last days.
create table activity (
  tenant_id text not null default 'default',
  -- Seconds of the slice.
  step integer not null check (step > 0),
  at timestamptz not null,
  completed integer not null default 0,
  failed integer not null default 0,
  retried integer not null default 0,
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  -- Completed and failed files by how long they took; the bounds are in queries/latency.ts.
  latency integer[] not null default '{}',
  -- The most tasks that were seen open at once.
  open integer not null default 0,
  primary key (tenant_id, step, at)
);
--> statement-breakpoint
create index activity_age on activity (step, at);
