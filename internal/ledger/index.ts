export { type CollectedLedger, type CollectOptions, collectLedger } from './collected.ts'
export { toCsv } from './csv.ts'
export { type DoneIndex, type Naming, openDoneIndex, writeIndex } from './done-index.ts'
export { type Foretold, foretold, writeEstimate } from './estimate-note.ts'
export { type FinishedLedger, type FinishOptions, finishLedger, type ReportedJob } from './finish.ts'
export { type LedgerLine, type LedgerOutput, ledgerLineSchema } from './line.ts'
export { readPart, writePart } from './part.ts'
export {
  faultsKey,
  jobPrefix,
  ledgerPrefix,
  notesPrefix,
  partAttempt,
  partKey,
  summaryKeys,
} from './paths.ts'
export { type LedgerReport, reportOf } from './report.ts'
export { type PartSummary, summarise, unknownType } from './summary.ts'
