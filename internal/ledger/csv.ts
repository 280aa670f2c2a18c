import type { LedgerLine } from './line.ts'

const columns = [
  'source_key',
  'source_etag',
  'outcome',
  'reason',
  'error_code',
  'error_message',
  'type',
  'bytes_in',
  'bytes_out',
  'output_key',
  'output_etag',
  'output_type',
  'quality',
  'score',
  'sha256',
  'cpu_ms',
  'at',
] as const

type Row = Partial<Record<(typeof columns)[number], string | number | undefined>>

/** The ledger as RFC 4180 CSV, header first, a line at a time. */
export function* toCsv(lines: Iterable<LedgerLine>): Generator<string> {
  yield `${columns.join(',')}\r\n`
  for (const line of lines) {
    const row = rowOf(line)
    yield `${columns.map((column) => field(row[column])).join(',')}\r\n`
  }
}

function rowOf(line: LedgerLine): Row {
  const { source, outcome, type, at } = line
  const row: Row = {
    source_key: source.key,
    source_etag: source.etag,
    outcome,
    type,
    bytes_in: source.bytes,
    at,
  }
  if (outcome === 'cancelled') return row
  if (outcome === 'failed' || outcome === 'retry') {
    return { ...row, error_code: line.error.code, error_message: line.error.message }
  }
  const { output } = line
  return {
    ...row,
    reason: line.reason,
    cpu_ms: line.cpuMs,
    bytes_out: output?.bytes ?? source.bytes,
    output_key: output?.key,
    output_etag: output?.etag,
    output_type: output?.type,
    quality: output?.quality,
    score: output?.score,
    sha256: output?.sha256,
  }
}

function field(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
