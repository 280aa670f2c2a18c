import type { CompressionOptions } from '../../codec/index.ts'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import {
  acceptFile,
  acceptLoneFile,
  type BatchRow,
  type Database,
  type FileRow,
  type NewFile,
} from '../../store/index.ts'
import { injectTraceparent } from '../../telemetry/index.ts'
import { ingestJob, type Services } from '../env.ts'
import type { Answer } from '../http/idempotency.ts'
import { type Problem, toProblem } from '../http/problem.ts'
import type { Arrival, Arrivals } from './receive.ts'
import { type File, renderFile } from './render.ts'

/** Who submits what to where. */
export interface Submission {
  tenantId: string
  requestId: string
  /** The batch to add to; absent: each file stands alone. */
  batch?: BatchRow
  options: CompressionOptions
}

/** What became of the files of a submission, in their order. */
export interface Submitted {
  single: boolean
  items: ({ name: string; row: FileRow } | { name: string; problem: Problem })[]
}

/**
 * Makes rows of what has arrived. A single file that is refused throws its error; in a form of several, one that is
 * refused does not refuse the others. All or none of the rows are there when `db` is a transaction.
 */
export async function submit(
  services: Services,
  db: Database,
  submission: Submission,
  { single, files }: Arrivals,
): Promise<Submitted> {
  const items: Submitted['items'] = []
  for (const arrival of files) {
    const { name } = arrival
    try {
      const accepting = (tx: Database) => accept(services, tx, submission, requireArrived(arrival))
      // Where one of several is refused, only its own savepoint is rolled back.
      items.push({ name, row: await (single ? accepting(db) : db.transaction(accepting)) })
    } catch (error) {
      const known = toKompressorError(error)
      if (single || known.status >= 500) throw error
      items.push({ name, problem: toProblem(known, submission.requestId) })
    }
  }
  return { single, items }
}

function requireArrived(arrival: Arrival): NewFile {
  if ('error' in arrival) throw arrival.error
  return arrival.file
}

async function accept(
  { clock, ids, retainMs, predictCost }: Services,
  db: Database,
  { tenantId, batch, options }: Submission,
  file: NewFile,
): Promise<FileRow> {
  const now = clock()
  const { traceparent } = injectTraceparent()
  const accepted = {
    tenantId,
    jobUid: batch?.jobUid ?? ingestJob,
    file,
    cost: Math.ceil(predictCost(file, options)),
    now,
    ...(traceparent !== undefined && { traceparent }),
  }
  if (batch !== undefined) return acceptFile(db, { ...accepted, batchId: batch.id })
  const expiresAt = new Date(now.getTime() + retainMs)
  return acceptLoneFile(db, { ...accepted, newBatchId: ids(), options, expiresAt })
}

/** The rows among the items. */
export function rowsOf({ items }: Submitted): FileRow[] {
  return items.flatMap((item) => ('row' in item ? [item.row] : []))
}

/** The answer: the file itself, or an item for each file of a form. 200 when everything has ended, 202 before. */
export function answerOf({ single, items }: Submitted, status: 200 | 202, publicUrl: string): Answer {
  const [only] = items
  if (single && only !== undefined && 'row' in only) {
    const headers = { location: `/v1/files/${only.row.id}` }
    return { status, headers, body: renderFile(only.row, publicUrl) }
  }
  const body: { items: { name: string; file?: File; problem?: Problem }[] } = {
    items: items.map((item) =>
      'row' in item ? { name: item.name, file: renderFile(item.row, publicUrl) } : item,
    ),
  }
  return { status: items.some((item) => 'row' in item) ? status : 422, headers: {}, body }
}

/** A file of a batch takes the batch's options: two sources would be one too many. Throws invalid_request. */
export function soleOptions(...given: (CompressionOptions | undefined)[]): CompressionOptions | undefined {
  const [first, ...others] = given.filter((options) => options !== undefined)
  if (others.length === 0) return first
  throw new KompressorError(
    'invalid_request',
    'give options once: with the batch, in the query or in the form',
  )
}
