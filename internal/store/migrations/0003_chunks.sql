-- What a finite job reads and how its outputs are named. Null for ingest jobs.
alter table jobs add column source jsonb, add column output jsonb;
--> statement-breakpoint
-- Measured over predicted cost of the job's chunks so far: what predictions are multiplied by.
alter table jobs add column cost_factor real not null default 1 check (cost_factor > 0);
--> statement-breakpoint
-- A chunk's objects have no rows of their own: they are packed (zstd) into its task until its outcome is known.
alter table tasks drop constraint tasks_check, drop column objects;
--> statement-breakpoint
alter table tasks
  add column objects bytea,
  add column object_count integer check (object_count > 0),
  -- Attempts the chunk's objects have used; throttled ones are not counted.
  add column failures integer not null default 0,
  -- As files.seq: -1 nothing reported, 0 started, 1 the outcome is folded.
  add column seq smallint not null default -1,
  -- What is folded of its objects' outcomes. The batch's counters are the sums of these and of its files.
  add column counted jsonb,
  add check ((file_id is null) <> (object_count is null));
--> statement-breakpoint
-- Packed already: another try at compressing it would only cost time.
alter table tasks alter column objects set storage external;
--> statement-breakpoint
-- How far the listing of a finite job's source is. Written in the transaction that adds the page's chunks.
create table plans (
  job_uid text primary key references jobs (uid) on delete cascade,
  batch_id text not null references batches (id) on delete cascade,
  next_page integer not null default 0,
  -- Where the listing goes on. Null at its beginning, and when it is complete.
  token text,
  complete boolean not null default false,
  found_files bigint not null default 0,
  found_bytes bigint not null default 0,
  -- Objects the job's filters leave out. They are no files of it.
  left_out bigint not null default 0,
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
-- What a batch of chunks came to, by outcome, by reason, by error code and by kind of file.
create table tallies (
  batch_id text not null references batches (id) on delete cascade,
  kind text not null check (kind in ('outcome', 'reason', 'failure', 'type')),
  name text not null,
  files bigint not null default 0,
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  cpu_ms double precision not null default 0,
  -- For kind 'type': what compressing these files was predicted to take, not calibrated.
  predicted_ms double precision not null default 0,
  -- For kind 'failure': the first object it happened to.
  example jsonb,
  primary key (batch_id, kind, name)
);
