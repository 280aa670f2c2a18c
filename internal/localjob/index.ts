export { type BucketJob, runBucketJob } from './bucket.ts'
export type { FinishedJob } from './finish.ts'
export { type LocalJob, type LocalOutcome, type LocalProgress, runLocalJob } from './local-job.ts'
