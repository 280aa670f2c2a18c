export { type EarlyIntake, listenEarly } from './early.ts'
export { firstPaint } from './first-paint.ts'
