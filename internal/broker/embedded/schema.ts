/**
 * The embedded broker's tables, in a schema of their own beside the application's. Created if missing at every start;
 * the application's migrations leave `broker` alone, and nothing but this folder reads it.
 *
 * - topics   One row a topic. A null name is a topic being deleted: its name is free again, its records may still be
 *            there, and whoever finds such a row goes on deleting.
 * - records  The log. `body` is JSON, `[value, key?, headers?]`: one column instead of three is less to plan and bind,
 *            and any string passes, NUL and lone surrogates too, which text columns refuse. Stored uncompressed: most
 *            records live for seconds.
 * - commits  Per group and partition the lowest offset not done, and what is known beyond it. Rewritten all the time,
 *            so pages are kept half empty: an update finds room in its page and needs no new index entry.
 *
 * The next offset of a partition is not stored: it is one more than the last record's, or the highest position
 * committed when every record was deleted. One broker at a time uses the database and counts on in memory.
 */
export const schema = `
create schema if not exists broker;

create table if not exists broker.topics (
  id integer primary key generated always as identity,
  name text unique,
  partitions integer not null check (partitions > 0)
);

create table if not exists broker.records (
  topic_id integer not null,
  partition integer not null,
  "offset" bigint not null,
  appended_at bigint not null,
  body text storage external not null,
  primary key (topic_id, partition, "offset")
);

create table if not exists broker.commits (
  topic_id integer not null,
  group_name text not null,
  partition integer not null,
  position bigint not null,
  metadata text not null,
  primary key (topic_id, group_name, partition)
) with (fillfactor = 50);
`
