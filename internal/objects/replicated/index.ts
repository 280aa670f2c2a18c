export { createReplicatedObjectStore, type Replica, type ReplicatedOptions } from './store.ts'
export { underPrefix } from './under-prefix.ts'
