export { createLimiter, type Limiter, type Limits } from './limiter.ts'
