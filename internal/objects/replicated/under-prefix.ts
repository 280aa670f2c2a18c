import type { ReplicaStore } from './store.ts'

/** A replica that has its objects below a prefix of its own: what is `from` + name there is `to` + name here. */
export function underPrefix(store: ReplicaStore, { from, to }: { from: string; to: string }): ReplicaStore {
  if (from === to) return store
  const moved = (key: string) => `${to}${key.slice(from.length)}`
  return {
    put: (key, body, options) => store.put(moved(key), body, options),
    putFile: (key, path, options) => store.putFile(moved(key), path, options),
    head: (key) => store.head(moved(key)),
    delete: (keys) => store.delete(keys.map(moved)),
  }
}
