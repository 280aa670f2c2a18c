export { type LedgerLine, type LedgerOutput, ledgerLineSchema } from './line.ts'
export { readPart, writePart } from './part.ts'
export { jobPrefix, ledgerPrefix, notesPrefix, partKey } from './paths.ts'
export { type PartSummary, summarise, unknownType } from './summary.ts'
