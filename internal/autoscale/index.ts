export { arrivalOf, type Sample, sampled } from './arrival.ts'
export { type Decision, decide, type Reason, reasons } from './decide.ts'
export { type Recorded, readRecorded } from './recorded.ts'
export { type Replayed, replay } from './replay.ts'
export {
  type Arrival,
  type FiniteProgress,
  type Memory,
  nothingRemembered,
  type Settings,
  type Snapshot,
} from './snapshot.ts'
