export {
  type Assignment,
  assignmentSchema,
  type JobTotals,
  type JobTrouble,
  jobTotalsSchema,
  jobTroubleSchema,
} from './assignment.ts'
export {
  type ChunkCounts,
  type ChunkDeadLetter,
  type ChunkEffort,
  type ChunkFailures,
  type ChunkObject,
  type ChunkOutcome,
  type ChunkReport,
  type ChunkTask,
  chunkCountsSchema,
  chunkObjectSchema,
  maxChunkObjects,
  noCounts,
  type OutputRules,
  outputRulesSchema,
  preservable,
  type SourceRules,
  settledIn,
  sourceRulesSchema,
} from './chunks.ts'
export { type ControlDocument, type JobLimits, jobLimitsSchema, parseControl } from './control.ts'
export {
  type Envelope,
  envelopeHeaders,
  type MessageType,
  messageTypes,
  requireType,
  unreadableHeaders,
} from './envelope.ts'
export { errorBodySchema } from './error-body.ts'
export { type JobView, jobDecisionSchema, jobViewSchema } from './job-view.ts'
export {
  type DeadLetter,
  type FileResult,
  fileResultSchema,
  type HistoryEntry,
  historyEntrySchema,
  isChunkReport,
  isChunkTask,
  parseReport,
  parseTask,
  type Report,
  type StoredOutput,
  storedOutputSchema,
  type Task,
  type TaskObject,
} from './messages.ts'
export {
  type PlanPage,
  type PlanState,
  planPageSchema,
  planStateSchema,
  type SettledObjects,
  settledReasons,
} from './plan.ts'
export { messagesReference } from './reference.ts'
export { deadLetterTopic, reportTopic } from './topics.ts'
