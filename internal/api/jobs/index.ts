import { getJobRoute, listJobsRoute, retryJobRoute } from './routes.ts'

export { jobRoutes } from './jobs.ts'
export const jobContracts = [listJobsRoute, getJobRoute, retryJobRoute]
