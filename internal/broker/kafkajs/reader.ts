import { setTimeout as delay } from 'node:timers/promises'
import type { EachBatchPayload } from 'kafkajs'
import { KompressorError } from '../../errors/index.ts'
import type { Logger, Metrics } from '../../telemetry/index.ts'
import { createSession, type SessionOptions } from '../session.ts'
import type { Commit } from '../tracker.ts'
import type { MakeClient } from './client.ts'
import { isCoordinatorMissing, isPassing, isUnknownTopic, unavailable } from './errors.ts'
import { joinGroup, type Membership } from './membership.ts'
import { incoming } from './records.ts'
import type { Topics } from './topics.ts'

/** Between two attempts to join a group again, milliseconds. */
const rejoinMs = { first: 500, most: 10_000 }
/** Failures in a row after which a missing coordinator is no matter of time any more. */
const hiddenAfter = 4
/** How long the last commit of a stop may take, milliseconds. */
const lastCommitMs = 5_000
/** How long it may take to leave the group, milliseconds. */
const leaveMs = 5_000
/** How long a commit waits for the next generation before it tries again in this one, milliseconds. */
const commitAgainMs = 500

export interface ReaderOptions extends Pick<SessionOptions, 'lanes' | 'unitSize' | 'run' | 'onCrash'> {
  makeClient: MakeClient
  topics: Topics
  topic: string
  group: string
  sessionTimeoutMs: number
  leaveAfterMs: number
  clock: () => number
  metrics: Metrics | undefined
  logger: Logger | undefined
}

export interface Reader {
  stop(graceMs?: number): Promise<void>
}

/** A partition from the moment the group gives it to us until it takes it away. */
interface Holding {
  /** The session knows the partition, with what its predecessor has committed. */
  ready: Promise<void>
}

/**
 * One consumer of a topic. Records are read, queued and let go at once, so that the member answers the group however long
 * the work on them takes; done and started records are kept by the session and committed with the position.
 *
 *     joining --joined--> reading --rebalance--> reading         partitions that stay keep their queues and trackers
 *        ^                   |                                   partitions that go are dropped, and never committed
 *        └---- waiting <--member lost--┘                         the broker was away: the work in hand goes on
 *
 * Whatever passes (a broker that restarts, a group that forgot us while we were frozen) ends in joining again; only what
 * cannot pass (the topic is gone, we are not allowed) is a crash.
 */
export async function startReader(options: ReaderOptions): Promise<Reader> {
  const { topics, topic, group, lanes, unitSize, leaveAfterMs, metrics, logger } = options
  const highWater = Math.max(64, 2 * lanes * unitSize)
  const held = new Map<number, Holding>()
  const paused = new Set<number>()
  const stopping = new AbortController()
  let membership: Membership | undefined
  let joined = Promise.withResolvers<void>()
  let rejoining: Promise<void> = Promise.resolve()
  /** Attempts to be a member since the last that succeeded. */
  let failures = 0

  const commit = async (commits: ReadonlyMap<number, Commit>): Promise<void> => {
    const due = [...commits].map(([partition, own]) => ({ partition, own, holding: held.get(partition) }))
    let until = Number.POSITIVE_INFINITY
    for (;;) {
      // What was lost since is the next owner's to commit.
      const partitions = due
        .filter(({ partition, holding }) => holding !== undefined && held.get(partition) === holding)
        .map(({ partition, own }) => ({ partition, offset: String(own.position), metadata: own.metadata }))
      if (partitions.length === 0) return
      const next = joined.promise
      try {
        if (membership === undefined) throw new KompressorError('broker_unavailable', 'not in the group')
        await membership.commit({ topics: [{ topic, partitions }] })
        metrics?.brokerCommits.inc({ outcome: 'ok' })
        return
      } catch (error) {
        metrics?.brokerCommits.inc({ outcome: 'failed' })
        if (stopping.signal.aborted) until = Math.min(until, performance.now() + lastCommitMs)
        const passing = isPassing(error) || isUnknownTopic(error) || membership === undefined
        if (!passing || performance.now() > until) throw unavailable(error, `group ${group} cannot commit`)
        await Promise.race([next, delay(commitAgainMs)])
      }
    }
  }

  const session = createSession({
    ...options,
    commit,
    onRoom: () => resume(),
    leave: {
      afterMs: leaveAfterMs,
      run: async () => {
        // A broker that is away hears nothing; the group finds out by our silence.
        const away = new AbortController()
        const left = rejoining.then(() => membership?.leave())
        await Promise.race([left, delay(leaveMs, undefined, { signal: away.signal })])
        away.abort()
      },
    },
  })

  const resume = (): void => {
    for (const partition of paused) {
      if (session.queueState(partition).queued > highWater / 2) continue
      paused.delete(partition)
      membership?.resume(partition)
    }
  }

  const onJoin = (partitions: readonly number[]): void => {
    failures = 0
    metrics?.brokerRebalances.inc({ topic: topicLabel(topic) })
    for (const partition of held.keys()) {
      if (partitions.includes(partition)) continue
      held.delete(partition)
      // The client would remember the pause, and not read the partition when it comes back.
      if (paused.delete(partition)) membership?.resume(partition)
      session.revoke(partition)
    }
    const added = partitions.filter((partition) => !held.has(partition))
    if (added.length > 0) {
      const holding: Holding = { ready: Promise.resolve() }
      for (const partition of added) held.set(partition, holding)
      holding.ready = begin(added, holding)
      holding.ready.catch((error) => session.crash(unavailable(error, `group ${group} cannot be read`)))
    }
    joined.resolve()
    joined = Promise.withResolvers()
  }

  /** Until the broker can be asked: it may go away right after it let us join. */
  const begin = async (partitions: readonly number[], holding: Holding): Promise<void> => {
    const ours = () => partitions.filter((partition) => held.get(partition) === holding)
    while (ours().length > 0 && !stopping.signal.aborted) {
      try {
        for (const { partition, commit: committed } of await topics.standings(group, topic)) {
          if (ours().includes(partition)) session.assign(partition, committed)
        }
        return
      } catch (error) {
        if (!isPassing(error) || isUnknownTopic(error)) throw error
        await delay(rejoinMs.first)
      }
    }
  }

  const onBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
    const { partition } = batch
    const holding = held.get(partition)
    await holding?.ready
    if (holding === undefined || held.get(partition) !== holding || stopping.signal.aborted) return
    session.offer(batch.messages.map((message) => incoming(topic, partition, message)))
    if (session.queueState(partition).queued >= highWater) {
      paused.add(partition)
      membership?.pause(partition)
    }
  }

  const join = async (): Promise<void> => {
    // A new member reads everything it is given: what was paused is paused again when its queue says so.
    paused.clear()
    membership = await joinGroup({
      ...options,
      held: () => [...held.keys()],
      onJoin,
      onBatch,
      onEnd: (error) => {
        rejoining = rejoin(error)
      },
    })
    // It took longer than the stop that came meanwhile would wait.
    if (stopping.signal.aborted) await membership.leave()
  }

  const rejoin = async (lost: Error): Promise<void> => {
    membership = undefined
    for (let error: unknown = lost; !stopping.signal.aborted; ) {
      failures += 1
      const final = await whyFinal(error)
      if (final !== undefined) {
        session.crash(final)
        return
      }
      logger?.warn({ err: error, topic, group }, 'the consumer has lost its group and joins again')
      const wait = Math.min(rejoinMs.first * 2 ** (failures - 1), rejoinMs.most)
      await delay(wait, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return
      try {
        await join()
        return
      } catch (again) {
        error = again
      }
    }
  }

  /** What to end with, when trying again would be in vain. */
  const whyFinal = async (error: unknown): Promise<KompressorError | undefined> => {
    const what = `group ${group} cannot read topic ${topic}`
    if (!isPassing(error)) return unavailable(error, what)
    const hidden = failures > hiddenAfter && isCoordinatorMissing(error)
    if (!hidden && !isUnknownTopic(error)) return undefined
    // While the cluster does not answer there is nothing to be said about topic and group.
    const exists = await topics.exists(topic).catch(() => undefined)
    if (exists === undefined) return undefined
    if (!exists) {
      return new KompressorError('broker_unavailable', `topic ${topic} was deleted`, { cause: error })
    }
    if (!hidden) return undefined
    return unavailable(
      error,
      `${what}; the cluster answers, so perhaps this user is not allowed to join the group`,
    )
  }

  try {
    await join()
  } catch (error) {
    if (isUnknownTopic(error)) {
      throw new KompressorError('broker_unavailable', `topic ${topic} does not exist`, { cause: error })
    }
    throw unavailable(error, `group ${group} cannot read topic ${topic}`)
  }

  return {
    async stop(graceMs) {
      stopping.abort()
      // Looking at nothing but its heartbeat, the member keeps its partitions while their work is finished.
      for (const partition of held.keys()) membership?.pause(partition)
      await session.stop(graceMs)
    },
  }
}

/** Topics of finite jobs come and go, too many to be labels. */
function topicLabel(topic: string): string {
  return topic.replace(/\..*$/, '.*')
}
