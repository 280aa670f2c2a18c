-- What a store refused the workers of a finite job when they last said how a chunk ended; null when it refused nothing.
alter table jobs add column held jsonb;
