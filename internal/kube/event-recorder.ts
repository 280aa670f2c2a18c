import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, isConflict, isNotFound } from './api-error.ts'
import { type BackoffPolicy, backoffMs } from './backoff.ts'
import type { Client, Manifest } from './client.ts'
import { EventCorrelator, type Happening } from './event-correlator.ts'
import { defineResource, type KubeObject } from './resource.ts'

export const events = defineResource(
  { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  {},
)

export interface EventRecorder {
  /**
   * Tells it about the object. Returns at once. While the API server does not answer, or forbids it, it is tried again; what
   * was refused or could not be written in time is reported to onError and lost.
   */
  record(about: KubeObject, what: Omit<Happening, 'uid'>): void
  /** Tries what was recorded and is not written once more, and no longer. */
  stop(): Promise<void>
}

export interface EventRecorderOptions {
  client: Client
  /** Who says so: shown by kubectl as the source. */
  component: string
  /** Which of its replicas. */
  instance: string
  onError: (error: unknown) => void
  /** Milliseconds since 1970. */
  now: () => number
  /** Uniform in [0, 1). */
  random: () => number
  correlator?: EventCorrelator
  /** How old something may be that is still tried, milliseconds. Default 5 minutes. */
  patienceMs?: number
}

/** Most bytes of a message the API accepts. */
const longestMessage = 1024
const backoff: BackoffPolicy = { baseMs: 500, maxMs: 10_000 }

/** Writes the Events of an object one after another, so that a repetition finds the Event it repeats. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, component, instance, onError, now, random, patienceMs = 300_000 } = options
  const { correlator = new EventCorrelator() } = options
  const stopping = new AbortController()
  /** The last write about each object that is not done. */
  const writing = new Map<string, Promise<void>>()

  async function write(about: KubeObject, what: Omit<Happening, 'uid'>, at: number): Promise<void> {
    const telling = correlator.tell({ ...what, uid: about.metadata.uid }, at)
    if (telling.kind === 'drop') return
    const { slot } = telling
    const time = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
    // Events about what has no namespace are kept in `default`, as everywhere.
    const namespace = about.metadata.namespace ?? 'default'
    const message = telling.message.slice(0, longestMessage)
    if (telling.kind === 'repeat') {
      try {
        const patch = { count: telling.count, lastTimestamp: time, message }
        await untilAnswered(at, () => client.merge(events, { namespace, name: telling.name }, patch))
        return
      } catch (error) {
        if (!isNotFound(error)) throw error
        correlator.forget(slot)
      }
    }
    const { apiVersion, kind } = about
    const { name, uid, resourceVersion } = about.metadata
    const ofEvent = eventName(name, [uid, slot, String(at)])
    await create({
      apiVersion: events.apiVersion,
      kind: events.kind,
      metadata: { name: ofEvent, namespace },
      involvedObject: { apiVersion, kind, name, namespace: about.metadata.namespace, uid, resourceVersion },
      type: what.type,
      reason: what.reason,
      message,
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    })
    correlator.created(slot, ofEvent)

    async function create(manifest: Manifest): Promise<void> {
      try {
        await untilAnswered(at, () => client.create(events, manifest))
      } catch (error) {
        // It had arrived, and only the answer was lost.
        if (!isConflict(error)) throw error
      }
    }
  }

  /** Asks until there is an answer, or what is to be told is too old. */
  async function untilAnswered(at: number, ask: () => Promise<unknown>): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        await ask()
        return
      } catch (error) {
        if (isRefusal(error) || stopping.signal.aborted || now() - at > patienceMs) throw error
      }
      // Woken by a stop, which wants it tried at once.
      await sleep(backoffMs(failures, backoff, random), undefined, stopping).catch(() => undefined)
    }
  }

  return {
    record(about, what) {
      const at = now()
      const { uid } = about.metadata
      const done = (writing.get(uid) ?? Promise.resolve())
        .then(() => write(about, what, at))
        .catch(onError)
        .finally(() => {
          if (writing.get(uid) === done) writing.delete(uid)
        })
      writing.set(uid, done)
    },
    async stop() {
      stopping.abort()
      await Promise.all(writing.values())
    },
  }
}

/** Whether it will be refused again. A server that has just started forbids everything until it has read its roles. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && error.status !== 429 && error.status !== 403
}

/** The same for the same telling, so that one which is written again is no second Event. Nobody reads it. */
function eventName(about: string, telling: readonly string[]): string {
  const hash = createHash('sha256').update(telling.join('\n')).digest('hex')
  return `${about.slice(0, 200)}.${hash.slice(0, 16)}`
}
