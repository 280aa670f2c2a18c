import { removeWebhook, upsertWebhook, webhookState } from '../../store/index.ts'
import { type Judgement, judged } from '../conditions.ts'
import type { OperatorDeps } from '../ports.ts'
import type { Status } from '../schema/index.ts'
import type { ToRun } from '../work.ts'
import { judgeWebhook } from './judge.ts'
import { readSigningSecret, type SecretKey, type SigningSecret } from './signing-secret.ts'

/** A Secret is looked at again so often, milliseconds: when it could be used, and when it could not. */
const readAgainMs = { good: 300_000, bad: 15_000 }

/** What a Secret had, and when by the clock of `at`. */
export interface ReadSecret {
  ref: string
  at: number
  found: SigningSecret
}

export interface EnsuredWebhook {
  /** Undefined when nobody is to be told. */
  judgement: Judgement | undefined
  /** Something waits that time or somebody will move. */
  restless: boolean
  read: ReadSecret | undefined
}

/**
 * Writes down who is told when a batch of the job ends, with the secret that signs it. Comes before the job itself, so that
 * no batch of it can end unheard. A Secret that cannot be used holds up what is told, and not the job.
 */
export async function ensureWebhook(
  deps: Pick<OperatorDeps, 'client' | 'store' | 'now'>,
  { identity, spec, remembered, at }: ToRun,
  signal: AbortSignal,
): Promise<EnsuredWebhook> {
  const { db } = deps.store
  const { uid: jobUid, namespace } = identity
  if (spec.webhook === undefined) {
    await removeWebhook(db, jobUid)
    return { judgement: undefined, restless: false, read: undefined }
  }
  const { url, secretRef } = spec.webhook
  const read = await readAgain(deps, { namespace, ...secretRef }, { before: remembered.webhook, at, signal })
  const secret = 'secret' in read.found ? read.found.secret : undefined
  const trouble = 'secret' in read.found ? undefined : read.found
  await upsertWebhook(db, { jobUid, url, secret }, deps.now())
  const state = (await webhookState(db, jobUid)) ?? { gone: false, failure: undefined, waiting: 0 }
  return {
    judgement: judgeWebhook(trouble, state),
    restless: state.waiting > 0 && !state.gone,
    read,
  }
}

async function readAgain(
  deps: Pick<OperatorDeps, 'client'>,
  key: SecretKey,
  { before, at, signal }: { before: ReadSecret | undefined; at: number; signal: AbortSignal },
): Promise<ReadSecret> {
  const ref = `${key.namespace}/${key.name}/${key.key}`
  if (before?.ref === ref) {
    const lasts = 'secret' in before.found ? readAgainMs.good : readAgainMs.bad
    if (at - before.at < lasts) return before
  }
  return { ref, at, found: await readSigningSecret(deps, key, signal) }
}

/** The status with what is to be said of the webhook in it, or without what was when there is none any more. */
export function withWebhook(status: Status, { judgement }: EnsuredWebhook, now: Date): Status {
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'Notified')
  if (judgement === undefined) return { ...status, conditions: others }
  const generation = status.observedGeneration
  return { ...status, conditions: judged(status.conditions, [judgement], { now, generation }) }
}

/** Milliseconds until the webhook is to be looked at again; undefined when only another spec will change anything. */
export function lookAgainMs(
  { judgement, restless }: EnsuredWebhook,
  { completionTime }: Status,
): number | undefined {
  if (judgement === undefined) return undefined
  if (restless) return readAgainMs.bad
  if (completionTime !== undefined) return undefined
  return judgement.status === true ? readAgainMs.good : readAgainMs.bad
}
