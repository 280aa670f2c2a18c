import type { EventData } from './schema.ts'

/** What can happen in a batch. Part of the API: clients switch on these. */
export const eventTypes = [
  'file.queued',
  'file.started',
  'file.completed',
  'file.failed',
  'file.retrying',
  'file.cancelled',
  'file.deleted',
  'batch.progress',
  'batch.completed',
  'batch.cancelled',
] as const

export type EventType = (typeof eventTypes)[number]

export interface NewEvent {
  type: EventType
  data: EventData
}
