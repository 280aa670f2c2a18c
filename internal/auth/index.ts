export { createJobTokens, type JobTokens } from './job-token.ts'
