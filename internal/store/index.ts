export { type BatchView, batchView } from './batch-view.ts'
export { packObjects, unpackObjects } from './chunk-objects.ts'
export { type EventType, eventTypes, type NewEvent } from './events.ts'
export { createPGliteStore, type PGliteStore, type PGliteStoreOptions } from './pglite.ts'
export { createPostgresStore, type PostgresStoreOptions } from './postgres/index.ts'
export { type AcceptedFile, acceptFile, acceptLoneFile, type LoneFile } from './queries/accept-file.ts'
export {
  type ActivityBucket,
  type ActivityTotal,
  type ActivityWindow,
  activityWindows,
  forgetActivity,
  readActivity,
  sampleOpenTasks,
} from './queries/activity.ts'
export { cancelBatch, cancelFile, unfinishedCancellations } from './queries/cancel.ts'
export { type Cancellation, forgetCancellations, latestCancellations } from './queries/cancellations.ts'
export {
  type ChunkChange,
  type ChunkRow,
  changeChunks,
  contributionOf,
  type NewChunk,
} from './queries/change-chunks.ts'
export { changeFiles, type FileChange } from './queries/change-files.ts'
export { addFiles, createBatch, type NewBatch, type NewFile } from './queries/create-batch.ts'
export { deleteBatch, deleteFile, objectKeys, queueObjectDeletions } from './queries/delete.ts'
export { derivedId } from './queries/derived-id.ts'
export { eventsSince } from './queries/events-since.ts'
export { type FailureCause, type FailuresByCode, failuresByCode } from './queries/failures.ts'
export { findFiles } from './queries/find-files.ts'
export {
  createFiniteJob,
  endFiniteJob,
  type FiniteJob,
  forgetFiniteJob,
  type NewFiniteJob,
  readFiniteJob,
  upsertFiniteJob,
} from './queries/finite-jobs.ts'
export { findAnswer, type StoredAnswer, storeAnswer } from './queries/idempotency.ts'
export {
  noteEstimate,
  noteReport,
  noteTrouble,
  readAssignment,
  readJobTotals,
} from './queries/job-reports.ts'
export {
  forgetOtherJobs,
  type ListJobViews,
  listJobViews,
  type PublishedJob,
  publishJob,
  requireJobView,
} from './queries/job-views.ts'
export { type ListBatches, listBatches } from './queries/list-batches.ts'
export { type ListFailures, listFailures } from './queries/list-failures.ts'
export { type ListFiles, listFiles } from './queries/list-files.ts'
export {
  beginJobDeletion,
  type ClusterJob,
  endJobDeletion,
  type JobFigures,
  jobFigures,
  jobsWithOpenWork,
  noteLimited,
  unendedBatches,
  upsertClusterJob,
} from './queries/operator-jobs.ts'
export { addPage, readPlan } from './queries/plan.ts'
export { type QueueFiles, type QueueOutcome, queueFiles, sealBatch } from './queries/queue-files.ts'
export {
  configureJob,
  countFilesByState,
  ensureIngestJob,
  isUnwanted,
  listJobs,
  requireIngestJob,
} from './queries/read-jobs.ts'
export { lockBatches } from './queries/record-transitions.ts'
export {
  type Lease,
  type LeasedChunk,
  type LeasedFile,
  type LeasedTask,
  leaseTasks,
  markReleased,
  nextDue,
  openWork,
  outbox,
} from './queries/release.ts'
export { requireBatch } from './queries/require-batch.ts'
export { requireFile } from './queries/require-file.ts'
export { type RetryFiles, retryFiles } from './queries/retry-files.ts'
export {
  dueObjectDeletions,
  expiredBatches,
  expireUploads,
  forgetIdempotencyKeys,
  forgetObjectDeletions,
  releaseAgain,
  statesOfFiles,
} from './queries/sweep.ts'
export { costFactors, readTallies, type TallyDelta } from './queries/tallies.ts'
export {
  type DeliveryLease,
  type DeliveryOutcome,
  type LeasedDelivery,
  leaseDeliveries,
  recordAttempt,
  releaseDelivery,
  waitingDeliveries,
} from './queries/webhook-deliveries.ts'
export {
  removeWebhook,
  upsertWebhook,
  type Webhook,
  type WebhookState,
  webhookState,
} from './queries/webhooks.ts'
export {
  type BatchRow,
  type BatchState,
  batchStates,
  type EventData,
  type EventRow,
  type FileRow,
  type FileState,
  fileStates,
  type JobDecisionRow,
  type JobRow,
  type JobViewRow,
  type Tags,
  type TallyRow,
  type TaskRow,
} from './schema.ts'
export type { Channel, Database, Store } from './store.ts'
