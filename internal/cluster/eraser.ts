import type { EraserConfig } from '../config/index.ts'
import { createJobApi, type JobApi } from '../jobapi/index.ts'
import { createLimiter } from '../limits/index.ts'
import { eraseOutputs } from '../outputs/index.ts'
import { openJobBucket, openReplicas, outputBucket } from './job-stores.ts'
import { persevere } from './persevere.ts'
import type { TaskDeps } from './planner.ts'

/** Tries of what may pass by itself, about eight minutes, and of what somebody has to put right. */
const tries = { passing: 10, lasting: 4 }
/** How long the API may take to hear what is wrong, milliseconds: erasing needs it for nothing else. */
const tellMs = 10_000

/**
 * `kompressor eraser`: it holds credentials of the output bucket and its replicas. Rejects when it has tried often enough;
 * run again it goes on where it was.
 */
export async function runEraser(config: EraserConfig, { logger, signal }: TaskDeps): Promise<void> {
  const { job: uid, jobNamespace: namespace = '', jobName: name, outputPrefix = '' } = config
  const limiter = createLimiter({ requestsPerSecond: config.requestsPerSecond })
  const output = await openJobBucket(outputBucket(config), { limiter })
  const replicas = await openReplicas(config, { limiter })
  const stores = [output, ...replicas.map(({ store }) => store)]
  const work = async () => {
    await Promise.all(stores.map((store) => store.check(signal)))
    const job = { uid, namespace, name, outputPrefix }
    const { outputs, left } = await eraseOutputs(output, replicas, job, signal)
    logger.info({ outputs, left }, 'what the job wrote is erased; what is left was changed by others')
  }
  try {
    await persevere(work, {
      api: { tellTrouble: (trouble) => tell(config, trouble, signal) },
      logger,
      signal,
      mostTries: ({ retryable }) => (retryable ? tries.passing : tries.lasting),
    })
  } finally {
    await Promise.all(stores.map((store) => store.close()))
  }
}

async function tell(
  { apiUrl, job: jobUid, jobToken: token }: EraserConfig,
  trouble: Parameters<JobApi['tellTrouble']>[0],
  signal: AbortSignal,
): Promise<void> {
  if (apiUrl === undefined || token === undefined) return
  const soon = AbortSignal.any([signal, AbortSignal.timeout(tellMs)])
  await createJobApi({ apiUrl, jobUid, token, signal: soon }).tellTrouble(trouble)
}
