-- A finite job that has ended: nothing is released for it any more, and its topic is gone.
alter table jobs drop constraint jobs_state_check,
  add constraint jobs_state_check check (state in ('active', 'suspended', 'finished', 'deleting'));
--> statement-breakpoint
alter table jobs
  -- What its planner reads and which of it, as the planner understands it. Null for jobs without a planner.
  add column reads jsonb,
  -- What keeps its planner or report writer from going on, as they said last.
  add column trouble jsonb,
  -- Key of its report in the output bucket, once it is written.
  add column report_key text;
