export { arrivalOf, type Sample, sampled } from './arrival.ts'
export { type Decision, decide, type Reason, reasons } from './decide.ts'
export {
  type Arrival,
  type FiniteProgress,
  type Memory,
  nothingRemembered,
  type Settings,
  type Snapshot,
} from './snapshot.ts'
