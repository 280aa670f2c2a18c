-- What each pod of a job may ask of stores and servers, of spec.limits; and when one last said that it was held back by that.
alter table jobs add column limits jsonb, add column limited_at timestamptz;
