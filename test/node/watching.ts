import { z } from 'zod'
import { createKafkaBroker } from '../../internal/broker/index.ts'
import { type Client, defineResource, startReflector } from '../../internal/kube/index.ts'
import { isChunkReport, parseReport, type Report, reportTopic } from '../../internal/messages/index.ts'

const pods = defineResource(
  { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
  {
    spec: z.object({ terminationGracePeriodSeconds: z.number().optional() }),
    status: z.object({
      phase: z.string().optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
      containerStatuses: z
        .array(
          z.object({
            restartCount: z.number(),
            state: z.object({ terminated: z.object({ exitCode: z.number() }).optional() }),
          }),
        )
        .optional(),
    }),
  },
)
export type Pod = ReturnType<typeof pods.parse>

export interface WatchedPods {
  /** Those that are there. */
  all(): Pod[]
  /** Those that are ready and not on their way out. */
  ready(): Pod[]
  /** As each was last seen, also those that are gone. */
  seen: ReadonlyMap<string, Pod>
  /** When pods that are gone were told to go and when they were gone, milliseconds since the epoch. */
  ended: ReadonlyMap<string, { told: number; gone: number }>
  stop(): Promise<void>
}

/** Follows the pods with a label. */
export async function watchPods(
  client: Client,
  { namespace, labelSelector }: { namespace: string; labelSelector: string },
): Promise<WatchedPods> {
  const seen = new Map<string, Pod>()
  const told = new Map<string, number>()
  const ended = new Map<string, { told: number; gone: number }>()
  const reflector = startReflector({
    client,
    resource: pods,
    namespace,
    labelSelector,
    random: Math.random,
    // A watch that is cut off is taken up again.
    onError: () => undefined,
    onChange(change) {
      const pod = change.type === 'deleted' ? change.previous : change.object
      const { name, deletionTimestamp } = pod.metadata
      seen.set(name, pod)
      if (deletionTimestamp !== undefined && !told.has(name)) told.set(name, Date.now())
      if (change.type === 'deleted') {
        ended.set(name, { told: told.get(name) ?? Date.now(), gone: Date.now() })
      }
    },
  })
  await reflector.synced
  return {
    all: () => reflector.list(),
    ready: () =>
      reflector
        .list()
        .filter(
          ({ metadata, status }) =>
            metadata.deletionTimestamp === undefined &&
            status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
        ),
    seen,
    ended,
    stop: () => reflector.stop(),
  }
}

export interface WatchedReports {
  readonly reports: readonly Report[]
  stop(): Promise<void>
}

/** Everything workers report from now on. */
export async function watchReports(brokers: string): Promise<WatchedReports> {
  const broker = createKafkaBroker({ brokers: [brokers], clientId: 'tests' })
  const reports: Report[] = []
  const consumer = await broker.consumeBatches({
    topic: reportTopic,
    group: 'tests',
    maxBatch: 1_000,
    onCrash(error) {
      throw error
    },
    async handle(records) {
      for (const { value } of records) {
        const report = parseReport(value)
        if (!isChunkReport(report)) reports.push(report)
      }
    },
  })
  return {
    reports,
    async stop() {
      await consumer.stop()
      await broker.close()
    },
  }
}
