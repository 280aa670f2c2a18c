-- Who is told when a batch of a job ends. A table of its own: rows of jobs go through many hands, and this has a secret.
-- No reference to the job: the operator writes it first, so that no batch can end before somebody is to be told.
create table webhooks (
  job_uid text primary key,
  url text not null,
  -- Of the address, with its port: calls to one server are counted together.
  host text not null,
  -- whsec_…, as the Secret has it. Null while there is none: deliveries wait.
  secret text,
  -- The receiver answered 410: nothing is sent to this address any more.
  gone boolean not null default false,
  -- What the latest call met. Null when it was taken.
  failure text
);
--> statement-breakpoint
create table webhook_deliveries (
  batch_id text not null references batches (id) on delete cascade,
  -- Of the event that ended the batch: with its batch the identity of the message, however often it is sent.
  seq bigint not null,
  job_uid text not null,
  type text not null check (type in ('batch.completed', 'batch.cancelled')),
  -- The batch's row as it was then, without its options. What is said must not change between two attempts.
  batch json not null,
  attempts integer not null default 0,
  -- Null when nothing is tried any more: delivered, given up or refused for good.
  next_attempt_at timestamptz,
  -- Somebody holds the right to send it until then.
  leased_until timestamptz,
  last_error text,
  delivered_at timestamptz,
  created_at timestamptz not null,
  primary key (batch_id, seq),
  check (delivered_at is null or next_attempt_at is null)
);
--> statement-breakpoint
create index webhook_deliveries_waiting on webhook_deliveries (job_uid, next_attempt_at) where next_attempt_at is not null;
