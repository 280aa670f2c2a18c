import { z } from 'zod'
import { ApiError, type Client } from '../kube/index.ts'
import { readFiniteJob } from '../store/index.ts'
import { type Judgement, judged } from './conditions.ts'
import { ensureTask } from './finite/ensure.ts'
import { told, withAdvice } from './finite/find-trouble.ts'
import { podTrouble } from './finite/pod-trouble.ts'
import { eraserSelectorOf, forceDelete, type JobIdentity, namesOf, selectorText } from './names.ts'
import type { OperatorDeps } from './ports.ts'
import { type CompressionJob, pods, secrets, type TaskJob, taskJobs } from './resources.ts'
import { type CompressionJobSpec, type Status, specSchema } from './schema/index.ts'
import type { Trouble } from './trouble.ts'
import { workerSecret } from './worker-manifests.ts'

/** What is to become of what a job wrote. */
export type Fate =
  | { kind: 'retain' }
  | { kind: 'erase'; spec: CompressionJobSpec }
  /** It is to be erased, and nobody knows where it is. */
  | { kind: 'unknown'; message: string }

/** Asked anew in each pass: whoever cannot wait changes the policy, or annotates. */
export function fateOf({ spec, metadata }: CompressionJob): Fate {
  const policy = z.object({ deletionPolicy: z.literal('Delete') }).safeParse(spec)
  if (!policy.success || metadata.annotations?.[forceDelete] !== undefined) return { kind: 'retain' }
  const parsed = specSchema.safeParse(spec)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return { kind: 'unknown', message: `spec.${issue?.path.join('.')}: ${issue?.message}` }
  }
  // Where an estimate names no output nothing was written.
  return parsed.data.output === undefined ? { kind: 'retain' } : { kind: 'erase', spec: parsed.data }
}

/**
 * Has what a job wrote erased by a pod, which alone has the credentials for that: no pod yet → pod → done, or given up until
 * somebody deletes its Job. No worker of the job may be there. Undefined when it is done, else what is to be said meanwhile.
 */
export async function eraseWritten(
  deps: OperatorDeps,
  { job, eraser, spec }: { job: CompressionJob; eraser: TaskJob | undefined; spec: CompressionJobSpec },
  identity: JobIdentity,
  signal: AbortSignal,
): Promise<Status | undefined> {
  const { namespace } = identity
  if (eraser === undefined) {
    try {
      // After its TTL the Secret of the workers is gone; the eraser wants the token of it.
      const secret = workerSecret(identity, deps.tokens.mint(identity.uid), {})
      await deps.client.apply(secrets, secret, { signal })
      await ensureTask(deps, 'eraser', identity, spec, { suspended: false, signal })
    } catch (error) {
      // In a namespace that is being deleted nothing can be made any more, whatever is tried.
      if (!(error instanceof ApiError) || error.status !== 403) throw error
      return erasingStatus(deps, job, forbidden(error))
    }
    const made = await findEraser(deps.client, identity, signal)
    return erasingStatus(deps, job, made === undefined ? nameTaken(identity) : undefined)
  }
  const is = (type: string) =>
    eraser.status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false
  if (is('Complete')) return undefined
  const stored = await readFiniteJob(deps.store.db, identity.uid)
  const trouble = stored?.job.trouble ?? undefined
  if (is('Failed')) return erasingStatus(deps, job, givenUp(identity, trouble))
  if (trouble !== undefined) return erasingStatus(deps, job, told(trouble))
  const labelSelector = selectorText(eraserSelectorOf(identity))
  const { items } = await deps.client.list(pods, { namespace, labelSelector, signal })
  return erasingStatus(deps, job, podTrouble(items))
}

/** What is said of a job that is deleted and whose outputs nobody can find. */
export function unknownFate(deps: Pick<OperatorDeps, 'now'>, job: CompressionJob, message: string): Status {
  const said = `${message}. So it is not known what to erase: correct the spec, set deletionPolicy: Retain, or ${annotate}.`
  return erasingStatus(deps, job, { reason: 'InvalidSpec', message: said, temporary: true })
}

const annotate = `annotate ${forceDelete}="" to leave what is still there`

/** The Job that erases for just this job, if there is one: not that of an earlier job of its name. */
export async function findEraser(
  client: Client,
  job: JobIdentity,
  signal: AbortSignal,
): Promise<TaskJob | undefined> {
  const ref = { namespace: job.namespace, name: namesOf(job).eraser }
  const found = await client.get(taskJobs, ref, { signal })
  const { labels = {} } = found?.metadata ?? {}
  const isOwn = Object.entries(eraserSelectorOf(job)).every(([label, value]) => labels[label] === value)
  return isOwn ? found : undefined
}

function forbidden({ message }: ApiError): Trouble {
  const said = `${message}. Is the namespace being deleted? Then set deletionPolicy: Retain, or ${annotate}.`
  return { reason: 'Forbidden', message: said, temporary: true }
}

function nameTaken(identity: JobIdentity): Trouble {
  const message = `A Job ${namesOf(identity).eraser} of somebody else is where the one that erases would be: delete it.`
  return { reason: 'NameTaken', message, temporary: true }
}

function givenUp(identity: JobIdentity, trouble: { code: string; message: string } | undefined): Trouble {
  const { namespace } = identity
  const { eraser } = namesOf(identity)
  const why =
    trouble === undefined
      ? `its pods failed, kubectl logs job/${eraser} -n ${namespace} says why.`
      : withAdvice(trouble)
  const again = `Then kubectl delete job ${eraser} -n ${namespace} has it tried again; or set deletionPolicy: Retain, or ${annotate}.`
  return {
    reason: 'ErasureFailed',
    message: `What the job wrote could not be erased: ${why} ${again}`,
    temporary: true,
  }
}

function erasingStatus(
  { now }: Pick<OperatorDeps, 'now'>,
  { metadata: { generation }, status }: CompressionJob,
  trouble: Trouble | undefined,
): Status {
  const judgements: Judgement[] = [
    trouble === undefined
      ? {
          type: 'Progressing',
          status: true,
          reason: 'Erasing',
          message: 'The resource is deleted; what the job wrote is being erased.',
        }
      : { type: 'Progressing', status: false, reason: trouble.reason, message: trouble.message },
    trouble === undefined
      ? {
          type: 'Degraded',
          status: false,
          reason: 'AllAnswer',
          message: 'Everything it depends on answers.',
        }
      : { type: 'Degraded', status: true, reason: trouble.reason, message: trouble.message },
  ]
  return {
    ...status,
    observedGeneration: generation,
    conditions: judged(status?.conditions, judgements, { now: now(), generation }),
  }
}
