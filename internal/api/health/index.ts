export { healthContracts, healthRoutes } from './health.ts'
