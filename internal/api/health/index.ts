export { healthContracts, healthRoutes } from './health.ts'
export { landingRoutes } from './landing.ts'
