import { mkdir, rm } from 'node:fs/promises'
import type { Broker, Delivery } from '../broker/index.ts'
import { KompressorError, toKompressorError } from '../errors/index.ts'
import { createLanes, type Lanes } from '../lanes/index.ts'
import { notesPrefix } from '../ledger/index.ts'
import {
  type ChunkTask,
  deadLetterTopic,
  isChunkTask,
  parseTask,
  requireType,
  type Task,
  unreadableHeaders,
} from '../messages/index.ts'
import { createReplicatedObjectStore, type ObjectStore, type Replica, underPrefix } from '../objects/index.ts'
import { honoursConditions } from '../outputs/index.ts'
import { extractTraceparent } from '../telemetry/index.ts'
import { handleChunk, type JobStores, type SourceStore } from './chunk/index.ts'
import { handleTask, type TaskContext } from './handle-task.ts'
import { createReporter } from './reporter.ts'

export interface WorkerOptions extends Omit<TaskContext, 'reporter' | 'maxStarts' | 'controlIntervalMs'> {
  broker: Broker
  topic: string
  group: string
  /** The worker cannot go on; the process should end and be started again. */
  onCrash: (error: Error) => void
  /** The two ends of a finite job, whose tasks are chunks. Absent for ingest jobs, whose files lie in `objects`. */
  job?: {
    source: SourceStore
    output: ObjectStore
    /** Further places for every output, each below a prefix of its own. */
    replicas?: readonly (Replica & { prefix: string })[]
  }
  /** Default 3. */
  maxStarts?: number
  /** Default 5 s. */
  controlIntervalMs?: number
}

export interface Worker {
  /** Takes no more tasks, gives those in hand up to `graceMs`, leaves the rest for the next worker. Repeatable. */
  stop(options?: { graceMs?: number }): Promise<void>
}

/**
 * Tasks fetched beyond the slots, so that a slot never waits for bytes while there is work. More would only be lost
 * work when the process dies, and starts counted against files that never ran.
 */
const prefetch = 2

/** One in work, and one whose objects fill the slots that the last objects of the first leave free. */
const chunksInHand = 2

/** Consumes a job's topic. The scratch folder is emptied first: what lies there is of a process that died. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { broker, topic, group, onCrash, scratchDir, compressor, metrics } = options
  await rm(scratchDir, { recursive: true, force: true })
  await mkdir(scratchDir, { recursive: true })
  const context: TaskContext = {
    ...options,
    reporter: createReporter(broker),
    maxStarts: options.maxStarts ?? 3,
    controlIntervalMs: options.controlIntervalMs ?? 5_000,
  }
  const lanes = createLanes(compressor.slots + prefetch)
  const stores = options.job && {
    ...options.job,
    conditional: await honoursConditions(options.job.output, options.name),
  }
  const consumer = await broker.consumeEach({
    topic,
    group,
    onCrash,
    concurrency: stores === undefined ? compressor.slots + prefetch : chunksInHand,
    handle: (delivery) => handle({ ...context, lanes, ...(stores && { stores }) }, broker, delivery),
  })
  const stopCollecting = metrics.onCollect('worker', async () => {
    const { busy, slots } = compressor.stats()
    metrics.poolSlots.set({ state: 'busy' }, busy)
    metrics.poolSlots.set({ state: 'idle' }, slots - busy)
    const lag = await broker.lag(group, topic)
    metrics.brokerLag.set(
      { topic, group },
      lag.reduce((sum, p) => sum + p.lag, 0),
    )
  })
  return {
    async stop(stopOptions) {
      stopCollecting()
      await consumer.stop(stopOptions)
    },
  }
}

async function handle(
  context: TaskContext & {
    lanes: Lanes
    stores?: JobStores & Pick<NonNullable<WorkerOptions['job']>, 'replicas'>
  },
  broker: Broker,
  delivery: Delivery,
): Promise<void> {
  const task = parse(delivery)
  if (task instanceof Error) {
    context.logger.error({ error: task }, 'a record is not a task; it goes to the dead-letter topic')
    await bury(broker, delivery, task)
    return
  }
  const parent = extractTraceparent(delivery.record.headers)
  if (!isChunkTask(task)) return handleTask(context, task, delivery, parent)
  const { stores } = context
  if (stores === undefined) {
    throw new KompressorError(
      'invalid_configuration',
      'this worker has no source and output for the chunks of a job',
    )
  }
  const { output, replicas = [] } = stores
  const everywhere = withReplicas(output, replicas, task.output.prefix)
  await handleChunk({ ...context, stores: { ...stores, output: everywhere } }, task, delivery, parent)
}

/** Outputs are everywhere before they count; ledger and notes are the output bucket's alone. */
function withReplicas(
  output: ObjectStore,
  replicas: readonly (Replica & { prefix: string })[],
  from: string,
): ObjectStore {
  return createReplicatedObjectStore(
    output,
    replicas.map(({ name, store, prefix: to }) => ({ name, store: underPrefix(store, { from, to }) })),
    { covers: (key) => key.startsWith(from) && !key.startsWith(notesPrefix) },
  )
}

function parse({ record }: Delivery): Task | ChunkTask | KompressorError {
  try {
    requireType(['task', 'chunkTask'], record.headers)
    return parseTask(record.value)
  } catch (error) {
    return toKompressorError(error)
  }
}

/** A record nobody can read would otherwise come again for ever. */
async function bury(broker: Broker, { record }: Delivery, error: Error): Promise<void> {
  const headers = unreadableHeaders(record.headers, { topic: record.topic, error })
  await broker.produce(deadLetterTopic, [
    { ...(record.key !== undefined && { key: record.key }), value: record.value, headers },
  ])
}
