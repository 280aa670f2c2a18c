export { isBucketUrl } from './location.ts'
export { type BucketOutcome, type BucketRun, type RunBucketDependencies, runBucket } from './main.ts'
export { runManifest } from './manifest.ts'
export { isManifestRun } from './manifest-command.ts'
