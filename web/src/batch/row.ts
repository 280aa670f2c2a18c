import type { ApiEvent, ApiFile, ErrorCode, FileState } from '../api/index.ts'

type Result = NonNullable<ApiFile['result']>

/** A file as a list shows it: what both a file and an event of the API tell. */
export interface Row {
  readonly id: string
  readonly name: string
  readonly state: FileState
  readonly attempts: number
  /** Bytes; absent until they are known. */
  readonly size?: number
  readonly result?: RowResult
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  /** When a file that will be tried again is due. */
  readonly retryAt?: string
}

export interface RowResult {
  readonly outcome: Result['outcome']
  readonly reason?: NonNullable<Result['reason']>
  readonly bytesIn: number
  readonly bytesOut: number
  readonly output?: Result['outputs'][number]
}

export function rowOfFile({ id, name, state, attempts, size, result, error }: ApiFile): Row {
  return {
    id,
    name,
    state,
    attempts,
    ...(size !== undefined && { size }),
    ...(result && { result: rowResult(result) }),
    ...(error && { error: { code: error.code, message: error.message } }),
  }
}

/**
 * The row after an event. Events of a file carry its whole state, so that they may be applied to a row that has moved on
 * already: the last one decides. Undefined when there is no such file any more, or not enough is known to show it.
 */
export function applyEvent(row: Row | undefined, event: ApiEvent): Row | undefined {
  const { type, fileId, name = row?.name, state, attempt = row?.attempts ?? 1, size = row?.size } = event
  if (type === 'file.deleted' || fileId === undefined || name === undefined || !isFileState(state)) {
    return undefined
  }
  const { result, error, retryAt } = event
  return {
    id: fileId,
    name,
    state,
    attempts: attempt,
    ...(size !== undefined && { size }),
    ...(result && { result: rowResult(result) }),
    ...(error && { error }),
    ...(retryAt !== undefined && { retryAt }),
  }
}

function rowResult({ outcome, reason, bytesIn, bytesOut, outputs }: Result): RowResult {
  const [output] = outputs
  return { outcome, bytesIn, bytesOut, ...(reason && { reason }), ...(output && { output }) }
}

const fileStates: ReadonlySet<string> = new Set<FileState>([
  'pending',
  'queued',
  'processing',
  'completed',
  'failed',
  'cancelled',
])

function isFileState(state: string): state is FileState {
  return fileStates.has(state)
}
