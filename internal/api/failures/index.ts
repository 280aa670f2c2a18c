import { listFailedFilesRoute, listFailuresRoute, retryFailuresRoute } from './routes.ts'

export { failureRoutes } from './failures.ts'
export const failureContracts = [listFailuresRoute, listFailedFilesRoute, retryFailuresRoute]
