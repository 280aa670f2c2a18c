export { type ControlDocument, parseControl } from './control.ts'
export {
  type DeadLetter,
  type FileResult,
  fileResultSchema,
  type HistoryEntry,
  historyEntrySchema,
  parseReport,
  parseTask,
  type Report,
  type StoredOutput,
  storedOutputSchema,
  type Task,
  type TaskObject,
} from './messages.ts'
export { deadLetterTopic, reportTopic } from './topics.ts'
