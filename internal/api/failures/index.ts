export { failureRoutes, listFailuresRoute } from './failures.ts'
