export { isBucketUrl } from './location.ts'
export { type BucketOutcome, type BucketRun, type RunBucketDependencies, runBucket } from './main.ts'
