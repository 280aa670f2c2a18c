export { createJobApi, type JobApi, type JobApiOptions } from './job-api.ts'
