import { type KubeObject, keyOf } from './resource.ts'
import type { WatchEvent } from './watch.ts'

/** What became of one object. A name that was taken over by a new object (another uid) is a deletion and an addition. */
export type Change<T> =
  | { type: 'added'; object: T }
  | { type: 'updated'; object: T; previous: T }
  | { type: 'deleted'; previous: T }

/**
 * The objects as last seen, by key, and what is new in what comes in. An object that comes again unchanged (after a list,
 * or a watch that starts a little early) is no change: effects are neither repeated nor missed.
 */
export class ReflectorState<T extends KubeObject> {
  #objects = new Map<string, T>()

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  list(): T[] {
    return [...this.#objects.values()]
  }

  /** A complete list: what it lacks was deleted while nobody watched. */
  replace(items: readonly T[]): Change<T>[] {
    const listed = new Set(items.map(keyOf))
    const gone = [...this.#objects].filter(([key]) => !listed.has(key))
    return [
      ...gone.flatMap(([key]) => this.#remove(key)),
      // A list is one state of the cluster: whatever differs from ours is newer.
      ...items.flatMap((item) => this.#put(item)),
    ]
  }

  apply(event: WatchEvent<T>): Change<T>[] {
    if (event.type === 'BOOKMARK') return []
    return event.type === 'DELETED' ? this.#remove(keyOf(event.object)) : this.#put(event.object)
  }

  #put(object: T): Change<T>[] {
    const key = keyOf(object)
    const previous = this.#objects.get(key)
    this.#objects.set(key, object)
    if (previous === undefined) return [{ type: 'added', object }]
    if (previous.metadata.uid !== object.metadata.uid) {
      return [
        { type: 'deleted', previous },
        { type: 'added', object },
      ]
    }
    const same = previous.metadata.resourceVersion === object.metadata.resourceVersion
    return same ? [] : [{ type: 'updated', object, previous }]
  }

  #remove(key: string): Change<T>[] {
    const previous = this.#objects.get(key)
    return this.#objects.delete(key) && previous !== undefined ? [{ type: 'deleted', previous }] : []
  }
}
