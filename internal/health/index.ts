export { type Checks, type Readiness, runChecks } from './checks.ts'
export { createHealthServer } from './server.ts'
