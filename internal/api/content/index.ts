export { contentRoutes } from './content.ts'
export { contentContracts } from './routes.ts'
