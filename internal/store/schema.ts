import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  integer,
  json,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import type { CompressionOptions } from '../codec/index.ts'
import type { ErrorCode } from '../errors/index.ts'
import type { EstimateSummary } from '../estimate/index.ts'
import type {
  ChunkCounts,
  FileResult,
  HistoryEntry,
  JobLimits,
  JobTrouble,
  JobView,
  OutputRules,
  SourceRules,
} from '../messages/index.ts'

/**
 * The tables as TypeScript sees them. The SQL in migrations/ is what makes them, with the indexes, checks and reasons;
 * a test holds the two against each other.
 */

export const batchStates = ['open', 'running', 'completed', 'cancelled'] as const
export const fileStates = ['pending', 'queued', 'processing', 'completed', 'failed', 'cancelled'] as const
export type BatchState = (typeof batchStates)[number]
export type FileState = (typeof fileStates)[number]
export type Tags = Record<string, string>

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })
const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' })
const tenantId = () => text('tenant_id').notNull().default('default')
const createdAt = () => at('created_at').notNull().defaultNow()

/** How an ingest job compresses what says nothing else. */
export interface Intake {
  options: CompressionOptions
  profiles: Record<string, CompressionOptions>
}

export const jobs = pgTable('jobs', {
  uid: text('uid').primaryKey(),
  tenantId: tenantId(),
  namespace: text('namespace').notNull().default(''),
  name: text('name').notNull(),
  kind: text('kind', { enum: ['ingest', 'finite'] }).notNull(),
  state: text('state', { enum: ['active', 'suspended', 'finished', 'deleting'] })
    .notNull()
    .default('active'),
  topic: text('topic').notNull(),
  consumerGroup: text('consumer_group').notNull(),
  partitions: integer('partitions').notNull(),
  maxAttempts: integer('max_attempts').notNull().default(5),
  initialBackoffMs: integer('initial_backoff_ms').notNull().default(1000),
  maxBackoffMs: integer('max_backoff_ms').notNull().default(300_000),
  createdAt: createdAt(),
  source: jsonb('source').$type<SourceRules>(),
  output: jsonb('output').$type<OutputRules>(),
  costFactor: real('cost_factor').notNull().default(1),
  /** The planner's to understand. */
  intake: jsonb('intake').$type<Intake>(),
  reads: jsonb('reads').$type<unknown>(),
  trouble: jsonb('trouble').$type<JobTrouble>(),
  held: jsonb('held').$type<JobTrouble>(),
  reportKey: text('report_key'),
  estimate: jsonb('estimate').$type<EstimateSummary>(),
  /** The share of one of its pods. */
  limits: jsonb('limits').$type<JobLimits>(),
  limitedAt: at('limited_at'),
})

export const batches = pgTable('batches', {
  id: text('id').primaryKey(),
  tenantId: tenantId(),
  jobUid: text('job_uid').notNull(),
  state: text('state', { enum: batchStates }).notNull().default('open'),
  sealed: boolean('sealed').notNull().default(false),
  name: text('name'),
  implicit: boolean('implicit').notNull().default(false),
  options: jsonb('options').$type<CompressionOptions>().notNull(),
  tags: jsonb('tags').$type<Tags>().notNull().default({}),
  pending: integer('pending').notNull().default(0),
  queued: integer('queued').notNull().default(0),
  processing: integer('processing').notNull().default(0),
  completed: integer('completed').notNull().default(0),
  failed: integer('failed').notNull().default(0),
  cancelled: integer('cancelled').notNull().default(0),
  bytesIn: bigint('bytes_in', { mode: 'number' }).notNull().default(0),
  bytesOut: bigint('bytes_out', { mode: 'number' }).notNull().default(0),
  lastSeq: bigint('last_seq', { mode: 'number' }).notNull().default(0),
  createdAt: createdAt(),
  updatedAt: at('updated_at').notNull().defaultNow(),
  completedAt: at('completed_at'),
  expiresAt: at('expires_at').notNull(),
})

export const files = pgTable('files', {
  id: text('id').primaryKey(),
  tenantId: tenantId(),
  batchId: text('batch_id').notNull(),
  jobUid: text('job_uid').notNull(),
  name: text('name').notNull(),
  state: text('state', { enum: fileStates }).notNull(),
  size: bigint('size', { mode: 'number' }),
  type: text('type'),
  sha256: text('sha256'),
  tags: jsonb('tags').$type<Tags>().notNull().default({}),
  uploadKey: text('upload_key').notNull(),
  uploadExpiresAt: at('upload_expires_at'),
  attempt: integer('attempt').notNull().default(1),
  seq: smallint('seq').notNull().default(-1),
  failures: integer('failures').notNull().default(0),
  result: json('result').$type<FileResult>(),
  errorCode: text('error_code').$type<ErrorCode>(),
  errorMessage: text('error_message'),
  history: json('history').$type<HistoryEntry[]>().notNull().default([]),
  queuedAt: at('queued_at'),
  startedAt: at('started_at'),
  finishedAt: at('finished_at'),
  createdAt: createdAt(),
  updatedAt: at('updated_at').notNull().defaultNow(),
})

export const tasks = pgTable('tasks', {
  id: text('id').primaryKey(),
  tenantId: tenantId(),
  jobUid: text('job_uid').notNull(),
  batchId: text('batch_id').notNull(),
  fileId: text('file_id'),
  attempt: integer('attempt').notNull().default(1),
  cost: integer('cost').notNull().default(0),
  priority: smallint('priority').notNull().default(0),
  state: text('state', { enum: ['waiting', 'released', 'done'] })
    .notNull()
    .default('waiting'),
  publishAt: at('publish_at').notNull().defaultNow(),
  leasedUntil: at('leased_until'),
  releasedAt: at('released_at'),
  releasedPartition: integer('released_partition'),
  traceparent: text('traceparent'),
  createdAt: createdAt(),
  /** Of a chunk, packed: see chunk-objects.ts. */
  objects: bytea('objects'),
  objectCount: integer('object_count'),
  failures: integer('failures').notNull().default(0),
  seq: smallint('seq').notNull().default(-1),
  counted: jsonb('counted').$type<ChunkCounts>(),
})

export const plans = pgTable('plans', {
  jobUid: text('job_uid').primaryKey(),
  batchId: text('batch_id').notNull(),
  nextPage: integer('next_page').notNull().default(0),
  token: text('token'),
  complete: boolean('complete').notNull().default(false),
  foundFiles: bigint('found_files', { mode: 'number' }).notNull().default(0),
  foundBytes: bigint('found_bytes', { mode: 'number' }).notNull().default(0),
  leftOut: bigint('left_out', { mode: 'number' }).notNull().default(0),
  updatedAt: at('updated_at').notNull().defaultNow(),
})

/** The first object something happened to, and what was said of it. */
export interface TallyExample {
  key: string
  message: string
}

export const tallyKinds = ['outcome', 'reason', 'failure', 'type'] as const

export const tallies = pgTable(
  'tallies',
  {
    batchId: text('batch_id').notNull(),
    kind: text('kind', { enum: tallyKinds }).notNull(),
    name: text('name').notNull(),
    files: bigint('files', { mode: 'number' }).notNull().default(0),
    bytesIn: bigint('bytes_in', { mode: 'number' }).notNull().default(0),
    bytesOut: bigint('bytes_out', { mode: 'number' }).notNull().default(0),
    cpuMs: doublePrecision('cpu_ms').notNull().default(0),
    predictedMs: doublePrecision('predicted_ms').notNull().default(0),
    example: jsonb('example').$type<TallyExample>(),
  },
  (table) => [primaryKey({ columns: [table.batchId, table.kind, table.name] })],
)

/** What an event's data says; the API turns it into what clients see. */
export interface EventData {
  name?: string
  state: FileState | BatchState
  attempt?: number
  size?: number
  result?: FileResult
  error?: { code: ErrorCode; message: string }
  /** ISO 8601: when a file that will be tried again is due. */
  retryAt?: string
  /** How far a batch of chunks is. */
  progress?: BatchProgress
}

/** The counters of a batch at one moment. */
export interface BatchProgress {
  files: Record<'pending' | 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled', number>
  bytes: { in: number; out: number }
}

export const events = pgTable(
  'events',
  {
    batchId: text('batch_id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    fileId: text('file_id'),
    type: text('type').notNull(),
    data: json('data').$type<EventData>().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.batchId, table.seq] })],
)

export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    tenantId: text('tenant_id').notNull(),
    key: text('key').notNull(),
    fingerprint: text('fingerprint').notNull(),
    status: integer('status'),
    response: jsonb('response'),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.key] })],
)

export const objectDeletions = pgTable('object_deletions', {
  key: text('key').primaryKey(),
  createdAt: createdAt(),
})

export const cancellations = pgTable('cancellations', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  jobUid: text('job_uid').notNull(),
  batchId: text('batch_id').notNull(),
  fileId: text('file_id'),
  createdAt: createdAt(),
})

export const activity = pgTable(
  'activity',
  {
    tenantId: tenantId(),
    step: integer('step').notNull(),
    at: at('at').notNull(),
    completed: integer('completed').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    retried: integer('retried').notNull().default(0),
    bytesIn: bigint('bytes_in', { mode: 'number' }).notNull().default(0),
    bytesOut: bigint('bytes_out', { mode: 'number' }).notNull().default(0),
    latency: integer('latency').array().notNull().default([]),
    open: integer('open').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.step, table.at] })],
)

export const jobViews = pgTable('job_views', {
  uid: text('uid').primaryKey(),
  tenantId: tenantId(),
  namespace: text('namespace').notNull(),
  name: text('name').notNull(),
  observedAt: at('observed_at').notNull(),
  view: jsonb('view').$type<JobView>().notNull(),
})

export const jobDecisions = pgTable(
  'job_decisions',
  {
    uid: text('uid').notNull(),
    at: at('at').notNull(),
    replicas: integer('replicas').notNull(),
    ready: integer('ready').notNull(),
    reason: text('reason').notNull(),
    sentence: text('sentence').notNull(),
    terms: jsonb('terms').$type<Record<string, number>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.uid, table.at] })],
)

export const webhooks = pgTable('webhooks', {
  jobUid: text('job_uid').primaryKey(),
  url: text('url').notNull(),
  host: text('host').notNull(),
  secret: text('secret'),
  gone: boolean('gone').notNull().default(false),
  failure: text('failure'),
})

export const deliveryTypes = ['batch.completed', 'batch.cancelled'] as const

export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    batchId: text('batch_id').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    jobUid: text('job_uid').notNull(),
    type: text('type', { enum: deliveryTypes }).notNull(),
    batch: json('batch').notNull(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: at('next_attempt_at'),
    leasedUntil: at('leased_until'),
    lastError: text('last_error'),
    deliveredAt: at('delivered_at'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.batchId, table.seq] })],
)

export type JobRow = typeof jobs.$inferSelect
export type BatchRow = typeof batches.$inferSelect
export type FileRow = typeof files.$inferSelect
export type TaskRow = typeof tasks.$inferSelect
export type PlanRow = typeof plans.$inferSelect
export type TallyRow = typeof tallies.$inferSelect
export type EventRow = typeof events.$inferSelect
export type JobViewRow = typeof jobViews.$inferSelect
export type JobDecisionRow = typeof jobDecisions.$inferSelect
