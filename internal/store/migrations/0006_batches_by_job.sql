-- What a job has come to is summed over its batches each time the operator looks at it.
create index batches_by_job on batches (job_uid);
