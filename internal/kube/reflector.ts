import { pause } from '../pause/index.ts'
import { isGone } from './api-error.ts'
import { type BackoffPolicy, backoffMs } from './backoff.ts'
import type { Client } from './client.ts'
import { type Change, ReflectorState } from './reflector-state.ts'
import type { KubeObject, Resource } from './resource.ts'
import { watch } from './watch.ts'

export interface ReflectorOptions<T extends KubeObject> {
  client: Client
  resource: Resource<T>
  /** One namespace; all of them when absent. */
  namespace?: string | undefined
  labelSelector?: string | undefined
  /** Told of every change, and of every object again at each resync. */
  onChange: (change: Change<T> | { type: 'resync'; object: T }) => void
  /** Told of what went wrong; the reflector goes on by itself. */
  onError: (error: unknown) => void
  random: () => number
  /** Objects in a page of a list. Default 500. */
  pageSize?: number
  /** How often every object is handed out again, milliseconds. Default 10 minutes. */
  resyncMs?: number
  /** Between attempts while the server cannot be reached. Default 200 ms to 10 s. */
  backoff?: BackoffPolicy
  /** Longest life of a watch, seconds; each gets between this and twice this. Default 300. */
  watchSeconds?: number
  silenceMs?: number
}

export interface Reflector<T extends KubeObject> {
  /** Resolves when the first list is in and its changes are handed out. Rejects when stopped before. */
  readonly synced: Promise<void>
  get(key: string): T | undefined
  list(): T[]
  /** Ends the watch and waits until nothing is handed out any more. */
  stop(): Promise<void>
}

/**
 * Keeps a copy of all objects of a kind and hands out what changes.
 *
 *     list, page by page ──▶ watch from the list's version ──▶ watch from the last version seen ──▶ …
 *           ▲                                                            │
 *           └──────────────── 410 Gone: too old ◀────────────────────────┘
 *
 * A watch that ends or breaks goes on where it was; only when the server no longer remembers that version everything is
 * listed again and compared with what is here. The server may be restarted or out of reach for as long as it likes.
 */
export function startReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector<T> {
  const { client, resource, namespace, labelSelector, onChange, onError, random } = options
  const { pageSize = 500, resyncMs = 600_000, watchSeconds = 300, silenceMs } = options
  const backoff = options.backoff ?? { baseMs: 200, maxMs: 10_000 }
  const state = new ReflectorState<T>()
  const stopping = new AbortController()
  const { signal } = stopping
  const synced = Promise.withResolvers<void>()
  // Whoever is interested awaits it; the others need no unhandled rejection.
  synced.promise.catch(() => undefined)

  /** A handler that throws must not end the watch: its error is reported and the next change handed out. */
  function handOut(changes: readonly (Change<T> | { type: 'resync'; object: T })[]): void {
    for (const change of changes) {
      try {
        onChange(change)
      } catch (error) {
        onError(error)
      }
    }
  }

  async function listAll(): Promise<string> {
    const items: T[] = []
    let token: string | undefined
    for (;;) {
      const page = await client.list(resource, {
        namespace,
        labelSelector,
        limit: pageSize,
        continue: token,
        signal,
      })
      items.push(...page.items)
      token = page.continue
      if (token === undefined) {
        handOut(state.replace(items))
        return page.resourceVersion
      }
    }
  }

  async function run(): Promise<void> {
    let version: string | undefined
    let failures = 0
    while (!signal.aborted) {
      try {
        if (version === undefined) {
          version = await listAll()
          synced.resolve()
        }
        const seconds = Math.round(watchSeconds * (1 + random()))
        const events = watch(client, resource, {
          namespace,
          labelSelector,
          resourceVersion: version,
          timeoutSeconds: seconds,
          signal,
          ...(silenceMs !== undefined && { silenceMs }),
        })
        const began = performance.now()
        for await (const event of events) {
          failures = 0
          handOut(state.apply(event))
          version = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion
        }
        // A server that accepts watches and ends them at once must not be asked in a tight loop.
        failures = performance.now() - began < 1000 ? failures + 1 : 0
      } catch (error) {
        if (signal.aborted) return
        if (isGone(error)) version = undefined
        else onError(error)
        failures += 1
      }
      if (failures > 0) await pause(backoffMs(failures, backoff, random), signal)
    }
  }

  const resync = setInterval(() => {
    handOut(state.list().map((object) => ({ type: 'resync' as const, object })))
  }, resyncMs)
  const done = run().finally(() =>
    synced.reject(new Error(`the reflector of ${resource.plural} was stopped`)),
  )

  return {
    synced: synced.promise,
    get: (key) => state.get(key),
    list: () => state.list(),
    async stop() {
      clearInterval(resync)
      stopping.abort()
      await done
    },
  }
}
