import type { ApiApp, Services } from '../env.ts'
import { changeBatchRoutes } from './change.ts'
import { completeBatchRoutes } from './complete.ts'
import { createBatchRoutes } from './create.ts'
import { readBatchRoutes } from './read.ts'

export { batchContracts } from './routes.ts'

export function batchRoutes(app: ApiApp, services: Services): void {
  createBatchRoutes(app, services)
  readBatchRoutes(app, services)
  completeBatchRoutes(app, services)
  changeBatchRoutes(app, services)
}
