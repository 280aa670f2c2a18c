-- What the operator saw of each CompressionJob when it last looked: the API shows it and asks no Kubernetes. A job that
-- cannot be brought in place has one too, so this refers to no row of jobs.
create table job_views (
  uid text primary key,
  tenant_id text not null default 'default',
  namespace text not null,
  name text not null,
  observed_at timestamptz not null,
  view jsonb not null
);
--> statement-breakpoint
create unique index job_views_name on job_views (tenant_id, (namespace || '/' || name) collate "C");
--> statement-breakpoint
-- Why its workers were as many as they were. The newest few hundred of a job are kept.
create table job_decisions (
  uid text not null references job_views (uid) on delete cascade,
  at timestamptz not null,
  replicas integer not null,
  ready integer not null,
  reason text not null,
  sentence text not null,
  terms jsonb not null,
  primary key (uid, at)
);
