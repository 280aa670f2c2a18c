export { internalRoutes } from './control.ts'
