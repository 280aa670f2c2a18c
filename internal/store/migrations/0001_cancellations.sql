-- What became unwanted while its records may still be on their way: workers ask for the latest of it. Rows of deleted
-- batches and files are gone, so nothing here refers to them.
create table cancellations (
  id bigint generated always as identity primary key,
  job_uid text not null,
  batch_id text not null,
  -- Null: the whole batch.
  file_id text,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
create index cancellations_by_job on cancellations (job_uid, id desc);
--> statement-breakpoint
create index cancellations_age on cancellations (created_at);
