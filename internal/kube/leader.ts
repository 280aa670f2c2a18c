import { pause } from '../pause/index.ts'
import { isConflict } from './api-error.ts'
import type { Client } from './client.ts'
import { held, mayHold, observed, released, type SeenLease } from './lease.ts'
import { leaseManifest, leases, specOf } from './lease-resource.ts'
import type { ObjectRef } from './resource.ts'

export interface LeaderOptions {
  client: Client
  lease: ObjectRef & { namespace: string }
  /** Who we are: the name of the pod and something that a restart changes. */
  identity: string
  /** Ends the candidacy; the work is told, waited for, and the lease given back. */
  signal: AbortSignal
  /** What only one may do. Its signal aborts when the lease is lost or the candidacy ends. */
  work: (signal: AbortSignal) => Promise<void>
  onChange?: (state: 'leading' | 'waiting' | 'released' | 'lost', holder: string) => void
  onError: (error: unknown) => void
  /** Milliseconds that only go forward. */
  now: () => number
  random: () => number
  /** How long others wait before they take the lease of one who is silent, ms. Default 15,000. */
  durationMs?: number
  /** How long the leader works without having renewed, ms; less than the duration. Default 10,000. */
  renewDeadlineMs?: number
  /** Between attempts, ms. Default 2,000. */
  retryMs?: number
}

/**
 * Takes part in an election by a Lease and does the work while it leads.
 *
 *     waiting ──free, ours or expired──▶ leading ──signal──▶ work ends ──▶ released
 *        ▲  │                               │
 *        └──┘ held by somebody              └──not renewed in time──▶ lost
 *
 * @returns why it ended. After `lost` the process should exit: whatever did not obey the signal must not go on.
 */
export async function runForLeader(options: LeaderOptions): Promise<'released' | 'lost'> {
  const { client, lease, identity, signal, work, onChange, onError, now, random } = options
  const { durationMs = 15_000, renewDeadlineMs = 10_000, retryMs = 2_000 } = options
  let seen: SeenLease | undefined
  let version: string | undefined

  /** One attempt to hold the lease; the moment it was begun when it worked: from then on nobody else has it. */
  async function attempt(limit: AbortSignal): Promise<number | undefined> {
    const began = now()
    try {
      const current = await client.get(leases, lease, { signal: limit })
      version = current?.metadata.resourceVersion
      seen = observed(seen, current && specOf(current), now())
      if (!mayHold(seen, identity, now())) return undefined
      const spec = held(seen?.spec, identity, {
        durationSeconds: Math.round(durationMs / 1000),
        time: new Date(),
      })
      const manifest = leaseManifest(lease, spec, version)
      const written =
        current === undefined
          ? await client.create(leases, manifest, { signal: limit })
          : await client.replace(leases, manifest, { signal: limit })
      version = written.metadata.resourceVersion
      seen = { spec, since: now() }
      return began
    } catch (error) {
      // Somebody was faster: the next look shows who.
      if (!isConflict(error) && !signal.aborted) onError(error)
      return undefined
    }
  }

  async function acquire(): Promise<number | undefined> {
    for (let holder: string | undefined; !signal.aborted; ) {
      const since = await attempt(AbortSignal.any([signal, AbortSignal.timeout(renewDeadlineMs)]))
      if (since !== undefined) return since
      if (seen !== undefined && seen.spec.holder !== holder) {
        holder = seen.spec.holder
        onChange?.('waiting', holder)
      }
      // Candidates that started together must not ask together for ever.
      await pause(retryMs * (1 + random() * 0.2), signal)
    }
    return undefined
  }

  /** Renews until `until` or until that has not worked for too long; false then. */
  async function keep(since: number, until: AbortSignal): Promise<boolean> {
    let renewed = since
    while (!until.aborted) {
      await pause(retryMs, until)
      if (until.aborted) return true
      const left = renewed + renewDeadlineMs - now()
      const again = left > 0 ? await attempt(AbortSignal.timeout(Math.ceil(left))) : undefined
      if (again !== undefined) renewed = again
      else if (seen?.spec.holder !== identity || now() >= renewed + renewDeadlineMs) return false
    }
    return true
  }

  const since = await acquire()
  if (since === undefined) return 'released'
  onChange?.('leading', identity)
  const lost = new AbortController()
  // The lease is renewed until the work has really ended, however long it takes after the signal.
  const ended = new AbortController()
  const keeping = keep(since, ended.signal)
    .catch((error) => {
      onError(error)
      return false
    })
    .then((kept) => {
      if (!kept) lost.abort()
      return kept
    })
  try {
    await work(AbortSignal.any([signal, lost.signal]))
  } finally {
    ended.abort()
    if ((await keeping) && seen !== undefined) await release(seen)
  }
  const outcome = lost.signal.aborted ? 'lost' : 'released'
  onChange?.(outcome, seen?.spec.holder ?? '')
  return outcome

  async function release({ spec }: SeenLease): Promise<void> {
    try {
      const limit = AbortSignal.timeout(renewDeadlineMs)
      const given = released(spec, new Date())
      await client.replace(leases, leaseManifest(lease, given, version), { signal: limit })
      seen = undefined
    } catch (error) {
      // Then the others wait until it expires.
      onError(error)
    }
  }
}
