export { createReplicatedObjectStore, type Replica, type ReplicatedOptions } from './store.ts'
