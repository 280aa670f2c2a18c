import type { ApiApp, Services } from '../env.ts'
import { fileByIdRoutes } from './by-id.ts'
import { postFileRoutes } from './post.ts'

export { fileContracts } from './routes.ts'

export function fileRoutes(app: ApiApp, services: Services): void {
  postFileRoutes(app, services)
  fileByIdRoutes(app, services)
}
