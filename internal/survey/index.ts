export { type BucketListing, bucketSource, listBucket, type SkippedObjects } from './bucket.ts'
export { type Pair, type Surveying, type SurveySource, survey, withPair } from './survey.ts'
