-- Jobs: lanes of work, each with its own topic, consumer group and limits.
create table jobs (
  uid text primary key,
  tenant_id text not null default 'default',
  namespace text not null default '',
  name text not null,
  kind text not null check (kind in ('ingest', 'finite')),
  state text not null default 'active' check (state in ('active', 'suspended', 'deleting')),
  topic text not null unique,
  consumer_group text not null,
  partitions integer not null check (partitions > 0),
  max_attempts integer not null default 5 check (max_attempts > 0),
  initial_backoff_ms integer not null default 1000 check (initial_backoff_ms > 0),
  max_backoff_ms integer not null default 300000 check (max_backoff_ms > 0),
  created_at timestamptz not null default now(),
  unique (namespace, name)
);
--> statement-breakpoint
insert into jobs (uid, name, kind, topic, consumer_group, partitions)
values ('default', 'default', 'ingest', 'file-compression', 'kompressor-workers', 4);
--> statement-breakpoint
-- Batches: files submitted together. The counters are kept by the transactions that move files, so a batch is read in one row.
create table batches (
  id text primary key,
  tenant_id text not null default 'default',
  job_uid text not null references jobs (uid),
  state text not null default 'open' check (state in ('open', 'running', 'completed', 'cancelled')),
  sealed boolean not null default false,
  -- A batch that exists only because a file was posted alone; lists leave it out.
  implicit boolean not null default false,
  options jsonb not null,
  tags jsonb not null default '{}',
  pending integer not null default 0 check (pending >= 0),
  queued integer not null default 0 check (queued >= 0),
  processing integer not null default 0 check (processing >= 0),
  completed integer not null default 0 check (completed >= 0),
  failed integer not null default 0 check (failed >= 0),
  cancelled integer not null default 0 check (cancelled >= 0),
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  last_seq bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  completed_at timestamptz,
  expires_at timestamptz not null
);
--> statement-breakpoint
create index batches_listing on batches (tenant_id, id) where not implicit;
--> statement-breakpoint
create index batches_tags on batches using gin (tags jsonb_path_ops);
--> statement-breakpoint
create index batches_expiry on batches (expires_at);
--> statement-breakpoint
create table files (
  id text primary key,
  tenant_id text not null default 'default',
  batch_id text not null references batches (id) on delete cascade,
  job_uid text not null references jobs (uid),
  name text not null,
  state text not null check (state in ('pending', 'queued', 'processing', 'completed', 'failed', 'cancelled')),
  -- Declared by the uploader, or measured when the bytes came through the API.
  size bigint,
  type text,
  sha256 text,
  tags jsonb not null default '{}',
  upload_key text not null,
  upload_expires_at timestamptz,
  -- The last report folded: higher (attempt, seq) wins. seq -1 is "nothing reported for this attempt".
  attempt integer not null default 1,
  seq smallint not null default -1,
  -- Attempts used since the last retry call; throttled ones are not counted.
  failures integer not null default 0,
  result jsonb,
  error_code text,
  error_message text,
  history jsonb not null default '[]',
  queued_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
create index files_by_batch on files (batch_id, id);
--> statement-breakpoint
create index files_by_batch_state on files (batch_id, state, id);
--> statement-breakpoint
create unique index files_by_batch_name on files (batch_id, name);
--> statement-breakpoint
create index files_failed on files (tenant_id, error_code, id) where state = 'failed';
--> statement-breakpoint
create index files_pending on files (upload_expires_at) where state = 'pending';
--> statement-breakpoint
-- Tasks: the outbox and the unit of delivery. One file, or a chunk of objects that have no rows of their own.
create table tasks (
  id text primary key,
  tenant_id text not null default 'default',
  job_uid text not null references jobs (uid),
  batch_id text not null references batches (id) on delete cascade,
  file_id text references files (id) on delete cascade,
  objects jsonb,
  attempt integer not null default 1,
  -- Predicted worker-milliseconds.
  cost integer not null default 0 check (cost >= 0),
  priority smallint not null default 0,
  state text not null default 'waiting' check (state in ('waiting', 'released', 'done')),
  publish_at timestamptz not null default now(),
  leased_until timestamptz,
  released_at timestamptz,
  released_partition integer,
  traceparent text,
  created_at timestamptz not null default now(),
  check ((file_id is null) <> (objects is null))
);
--> statement-breakpoint
create index tasks_waiting on tasks (job_uid, tenant_id, priority desc, publish_at, id) where state = 'waiting';
--> statement-breakpoint
create index tasks_due on tasks (publish_at) where state = 'waiting';
--> statement-breakpoint
create index tasks_released on tasks (job_uid, released_partition) where state = 'released';
--> statement-breakpoint
create unique index tasks_by_file on tasks (file_id) where file_id is not null;
--> statement-breakpoint
create index tasks_by_batch on tasks (batch_id);
--> statement-breakpoint
-- Events: what happened in a batch, gapless by seq. The SSE id and the WebSocket cursor.
create table events (
  batch_id text not null references batches (id) on delete cascade,
  seq bigint not null,
  file_id text,
  type text not null,
  data jsonb not null,
  created_at timestamptz not null default now(),
  primary key (batch_id, seq)
);
--> statement-breakpoint
create index events_by_file on events (file_id) where file_id is not null;
--> statement-breakpoint
create table idempotency_keys (
  tenant_id text not null,
  key text not null,
  fingerprint text not null,
  -- Null while the first request is still running.
  status integer,
  response jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, key)
);
--> statement-breakpoint
create index idempotency_keys_age on idempotency_keys (created_at);
--> statement-breakpoint
-- Objects whose rows are gone and whose bytes must go: written in the transaction that deletes the rows.
create table object_deletions (
  key text primary key,
  created_at timestamptz not null default now()
);
