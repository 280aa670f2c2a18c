import { isNotFound } from './api-error.ts'
import type { Client } from './client.ts'
import { EventCorrelator, type Happening } from './event-correlator.ts'
import { defineResource, type KubeObject } from './resource.ts'

export const events = defineResource(
  { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
  {},
)

export interface EventRecorder {
  /** Tells it about the object. Returns at once; what cannot be written is reported to onError and lost. */
  record(about: KubeObject, what: Omit<Happening, 'uid'>): void
  /** Waits until what was recorded is written. */
  flush(): Promise<void>
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
  correlator?: EventCorrelator
}

/** Most bytes of a message the API accepts. */
const longestMessage = 1024

/** Writes Events, one after another, so that a repetition finds the Event it repeats. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, component, instance, onError, now, correlator = new EventCorrelator() } = options
  let last = Promise.resolve()

  async function write(about: KubeObject, what: Omit<Happening, 'uid'>, at: number): Promise<void> {
    const telling = correlator.tell({ ...what, uid: about.metadata.uid }, at)
    if (telling.kind === 'drop') return
    const time = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
    // Events about what has no namespace are kept in `default`, as everywhere.
    const namespace = about.metadata.namespace ?? 'default'
    const message = telling.message.slice(0, longestMessage)
    if (telling.kind === 'repeat') {
      try {
        const patch = { count: telling.count, lastTimestamp: time, message }
        await client.merge(events, { namespace, name: telling.name }, patch)
        return
      } catch (error) {
        if (!isNotFound(error)) throw error
        correlator.forget(telling.slot)
      }
    }
    const { apiVersion, kind } = about
    const { name, uid, resourceVersion } = about.metadata
    const made = await client.create(events, {
      apiVersion: events.apiVersion,
      kind: events.kind,
      // Names of events are not read by anybody; the server keeps them apart.
      metadata: { name: '', generateName: `${name.slice(0, 200)}.`, namespace },
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
    correlator.created(telling.slot, made.metadata.name)
  }

  return {
    record(about, what) {
      const at = now()
      last = last.then(() => write(about, what, at)).catch(onError)
    },
    flush: () => last,
  }
}
