import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { decide, type Memory, nothingRemembered } from '../../../internal/autoscale/index.ts'
import { createPGliteStore, type PublishedJob, publishJob } from '../../../internal/store/index.ts'
import { randomNumbers } from '../../fixtures/index.ts'

type Condition = PublishedJob['view']['conditions'][number]

const stepMs = 30_000
const steps = 200

/** Jobs of a cluster in a data folder no service has opened yet, written as the operator writes them. */
export async function seedJobs(dataDir: string): Promise<void> {
  await mkdir(join(dataDir, 'database'), { recursive: true })
  const store = await createPGliteStore({ dataDir: join(dataDir, 'database') })
  const now = Date.now()
  const at = (ms: number) => new Date(now - ms)
  const condition = (
    type: string,
    status: Condition['status'],
    reason: string,
    message: string,
    agoMs = 7_200_000,
  ): Condition => ({ type, status, reason, message, lastTransitionTime: at(agoMs).toISOString() })
  const ready = condition('Ready', 'True', 'InPlace', 'Topic, credentials and workers are in place.')
  const common = { observedAt: at(0) }

  for (const job of busyDay(now, [
    ready,
    condition('Progressing', 'True', 'Working', 'Work is open.', 240_000),
    condition('Degraded', 'False', 'AllAnswer', 'Everything it depends on answers.'),
    condition(
      'PartitionBound',
      'True',
      'PartitionsAreTheLimit',
      'Partitions have all the slots they can use: raise spec.partitions to go faster.',
      600_000,
    ),
  ])) {
    await publishJob(store.db, job)
  }
  await publishJob(store.db, {
    ...common,
    uid: 'photos',
    namespace: 'shop',
    name: 'photos',
    view: {
      source: 's3://shop-originals/photos/',
      createdAt: at(86_400_000).toISOString(),
      conditions: [
        ready,
        condition('Complete', 'True', 'AllDone', 'Every file is done, and none failed.', 3_600_000),
      ],
      files: { found: 48_210, completed: 41_922, kept: 5_104, skipped: 1_184, failed: 0 },
      bytes: { in: 128_400_000_000, out: 74_900_000_000, saved: 53_500_000_000 },
      lag: { records: 0, workSeconds: 0, partitions: [0, 0, 0, 0] },
      replicas: { desired: 0, ready: 0, least: 0, most: 10 },
    },
  })
  const part = {
    files: 40_000,
    bytes: 100_000_000_000,
    sampled: 320,
    bytesSaved: 45e9,
    low: 43e9,
    high: 48e9,
  }
  await publishJob(store.db, {
    ...common,
    uid: 'foreseen',
    namespace: 'shop',
    name: 'foreseen',
    view: {
      source: 's3://shop-originals/catalogue/',
      conditions: [
        ready,
        condition('Complete', 'True', 'Estimated', 'A run would save 44.0 % of the bytes.', 3_600_000),
      ],
      replicas: { desired: 0, ready: 0, least: 0, most: 10 },
      estimate: {
        ...part,
        files: 48_210,
        sampled: 400,
        coreHours: 12.5,
        duration: '46m',
        monthlySavings: 1_030,
        costs: 0.8,
        byType: [
          { name: 'JPEG', ...part },
          { name: 'PNG', ...part, bytesSaved: 1e9, low: 0, high: 9e9 },
        ],
        byPrefix: [
          { name: '2024/', ...part },
          { name: '2025/', ...part },
        ],
        best: [
          {
            path: '2024/a-photograph-of-a-long-name.jpg',
            bytesIn: 4_100_000,
            bytesOut: 900_000,
            score: 75.4,
          },
        ],
        worst: [{ path: '2025/logo.png', bytesIn: 80_000, bytesOut: 80_000, reason: 'already_compressed' }],
      },
    },
  })
  await publishJob(store.db, {
    ...common,
    uid: 'archive',
    namespace: 'press',
    name: 'archive-of-everything-since-1998',
    view: {
      source: 's3://press/archive/',
      conditions: [
        condition(
          'Ready',
          'False',
          'BrokerUnavailable',
          'Kafka cannot be used: kafka.press:9092 does not answer. It is tried again.',
          90_000,
        ),
      ],
    },
  })
  await publishJob(store.db, {
    ...common,
    observedAt: at(4_000_000),
    uid: 'scans',
    namespace: 'press',
    name: 'scans',
    view: {
      source: 'ingest',
      conditions: [
        ready,
        condition('Progressing', 'True', 'WaitingForWorkers', 'Work is open and no worker is ready yet.'),
      ],
      files: { found: 900, queued: 880, processing: 0, completed: 8, failed: 12 },
      bytes: { in: 40_000_000, out: 22_000_000, saved: 18_000_000 },
      topFailures: [{ code: 'corrupt_input', count: 12, example: 'scans/0042.jpg' }],
      lag: { records: 880, workSeconds: 700 },
      replicas: { desired: 3, ready: 0, least: 0, most: 10 },
    },
  })
  await store.close()
}

/** Two bursts, and what the scaling policy made of them: every decision is one it really takes. */
function* busyDay(now: number, conditions: Condition[]): Generator<PublishedJob> {
  const random = randomNumbers(5)
  let memory: Memory = nothingRemembered
  let [replicas, ready, work, done] = [0, 0, 0, 0]
  for (let step = 0; step < steps; step++) {
    const at = now - (steps - 1 - step) * stepMs
    const arrival = Math.max(0, Math.sin((step / steps) * Math.PI * 2.4) * 9 + random() * 2 - 0.6)
    const finished = Math.min(work, ready * 2 * 30)
    done += finished
    work = Math.max(0, work - finished) + arrival * 30
    const records = Math.round(work / 2)
    const lag = Array.from({ length: 24 }, () => 0)
    for (let i = 0; i < records; i++) {
      const partition = Math.floor(random() ** 1.6 * 24)
      lag[partition] = (lag[partition] ?? 0) + 1
    }
    const decision = decide(
      {
        at,
        lag,
        releasedSeconds: work,
        unreleasedSeconds: 0,
        openTasks: records,
        arrival: { mean: arrival, sigma: 0.4, recent: arrival },
        serviceP95Seconds: 3,
        replicas,
        ageMs: 0,
        throttled: false,
        degraded: false,
      },
      {
        minReplicas: 0,
        maxReplicas: 10,
        targetDrainSeconds: 60,
        scaleDownStabilizationSeconds: 180,
        suspended: false,
        slots: 2,
        slotsPerPartition: 2,
        startSeconds: 10,
      },
      memory,
    )
    memory = decision.memory
    ready = Math.min(replicas, decision.replicas)
    replicas = decision.replicas
    const files = Math.round(done * 2)
    const bytes = files * 2_600_000
    yield {
      uid: 'uploads',
      namespace: 'shop',
      name: 'uploads',
      observedAt: new Date(at),
      view: {
        source: 'ingest',
        suspended: false,
        createdAt: new Date(now - 86_400_000 * 9).toISOString(),
        conditions,
        files: { found: files + records + 7, queued: records, processing: 0, completed: files, failed: 7 },
        bytes: { in: bytes, out: Math.round(bytes * 0.37), saved: bytes - Math.round(bytes * 0.37) },
        lag: { records, workSeconds: Math.round(work * 10) / 10, partitions: lag },
        replicas: { desired: replicas, ready, least: 0, most: 10 },
      },
      decision: {
        replicas: decision.replicas,
        ready,
        reason: decision.reason,
        sentence: decision.sentence,
        terms: { ...decision.terms },
      },
    }
  }
}
