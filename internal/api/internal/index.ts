import type { ApiApp, Services } from '../env.ts'
import { assignmentRoutes } from './assignment.ts'
import { controlRoutes } from './control.ts'
import { planRoutes } from './plan.ts'

/** What pods of jobs ask for, with the token of their job. Not part of the API for users. */
export function internalRoutes(app: ApiApp, services: Services): void {
  controlRoutes(app, services)
  planRoutes(app, services)
  assignmentRoutes(app, services)
}
