export { startApi } from './api.ts'
export type { ClusterDeps } from './deps.ts'
export { migrateDatabase } from './migrate.ts'
export { startWorkerProcess } from './worker.ts'
