import type { Broker } from '../broker/index.ts'
import { deadLetterTopic, reportTopic } from '../messages/index.ts'
import { patiently } from '../process/index.ts'
import type { JobRow } from '../store/index.ts'
import type { ClusterDeps } from './deps.ts'

/** Enough for as many projectors; a batch's events are in order whichever of them folds. */
const reportPartitions = 8

/** Makes the topics that are missing, as soon as Kafka is there. */
export async function ensureTopics(
  broker: Broker,
  jobs: readonly JobRow[],
  deps: ClusterDeps,
): Promise<void> {
  const wanted = [
    ...jobs.map(({ topic, partitions }) => ({ topic, partitions })),
    { topic: reportTopic, partitions: reportPartitions },
    { topic: deadLetterTopic, partitions: 1 },
  ]
  await patiently(
    'creating topics',
    async () => {
      for (const { topic, partitions } of wanted) await broker.ensureTopic(topic, { partitions })
    },
    deps,
  )
}
