import { formatBytes, formatDuration, formatSaved, plural, printable } from '../terminal/format.ts'
import type { Style } from '../terminal/output.ts'
import { renderTable } from '../terminal/table.ts'
import type { ExplainedFile, FileEvent } from './schema.ts'

/** The life of a file, for people: what it is, what happened when, what came of it, where the time went. */
export function renderLife(file: ExplainedFile, events: readonly FileEvent[], style: Style): string[] {
  return [
    `${style.bold(printable(file.name))}  ${describeInput(file)}`,
    style.dim(`file ${file.id}, batch ${file.batchId}${file.job ? `, job ${file.job}` : ''}`),
    '',
    ...timeline(file, events),
    '',
    ...outcome(file, style),
    ...whereTimeWent(file, events),
  ]
}

function describeInput({ size, type, input }: ExplainedFile): string {
  const parts = [
    type ?? undefined,
    input && `${input.width} × ${input.height}`,
    input && input.frames > 1 ? plural(input.frames, 'frame') : undefined,
    typeof size === 'number' ? formatBytes(size) : undefined,
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}

interface Moment {
  at: string
  text: string
}

function timeline(file: ExplainedFile, events: readonly FileEvent[]): string[] {
  const moments: Moment[] = [{ at: file.createdAt, text: 'accepted' }]
  if (events.length > 0) moments.push(...events.map((event) => ({ at: event.at, text: describe(event) })))
  else {
    for (const { at, attempt, code, message } of file.error?.history ?? []) {
      moments.push({ at, text: `attempt ${attempt} failed: ${code}, ${message}` })
    }
    if (file.updatedAt !== file.createdAt) moments.push({ at: file.updatedAt, text: file.state })
  }
  const [first] = moments
  const start = Date.parse(first?.at ?? file.createdAt)
  const rows = moments.map(({ at, text }, index) => [
    clockTime(at),
    index === 0 ? '' : `+${formatDuration(Math.max(0, Date.parse(at) - start))}`,
    printable(text),
  ])
  const [, ...lines] = renderTable(
    [
      { title: '', align: 'left' },
      { title: '', align: 'right' },
      { title: '', align: 'left' },
    ],
    rows,
  )
  return lines.map((line) => `  ${line}`)
}

const texts: Record<string, string> = {
  'file.queued': 'queued',
  'file.completed': 'completed',
  'file.cancelled': 'cancelled',
  'file.deleted': 'deleted',
}

function describe({ type, attempt, error, retryAt, at }: FileEvent): string {
  const because = error ? `: ${error.code}, ${error.message}` : ''
  switch (type) {
    case 'file.started':
      return `attempt ${attempt ?? 1} started`
    case 'file.retrying': {
      const pause = retryAt
        ? ` (next attempt in ${formatDuration(Math.max(0, Date.parse(retryAt) - Date.parse(at)))})`
        : ''
      return `will be tried again${because}${pause}`
    }
    case 'file.failed':
      return `failed${because}`
    default:
      return `${texts[type] ?? type}${because}`
  }
}

/** UTC, as in logs. */
function clockTime(at: string): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '')
}

function outcome(file: ExplainedFile, style: Style): string[] {
  const { result, error, state } = file
  if (error !== undefined && state === 'failed') {
    const attempts = file.attempts === undefined ? '' : ` after ${plural(file.attempts, 'attempt')}`
    return [style.red(`Failed${attempts}: ${error.code}`), `  ${printable(error.message)}`]
  }
  if (result === undefined) return [`It is ${state} now.`]
  const { outcome: what, reason, bytesIn, bytesOut, outputs } = result
  if (what !== 'compressed') {
    return [`${what === 'skipped' ? 'Skipped' : 'Kept as it was'}${reason ? `: ${reason}` : ''}`]
  }
  return [
    style.bold(`${formatBytes(bytesIn)} → ${formatBytes(bytesOut)}, ${formatSaved(bytesIn, bytesOut)} saved`),
    ...outputs.flatMap((output) => [
      `  ${[
        printable(output.name),
        output.type,
        output.width !== undefined && output.height !== undefined
          ? `${output.width} × ${output.height}`
          : undefined,
        output.quality === undefined ? undefined : `quality ${output.quality}`,
        output.score === undefined ? undefined : `score ${output.score.toFixed(1)}`,
      ]
        .filter((part) => part !== undefined)
        .join(', ')}`,
      ...(output.url === undefined ? [] : [`  ${output.url}`]),
    ]),
  ]
}

/** How long each phase took, for files whose life is over and known. */
function whereTimeWent(file: ExplainedFile, events: readonly FileEvent[]): string[] {
  const first = (type: string) => events.find((event) => event.type === type)
  const last = (...types: string[]) => events.findLast((event) => types.includes(event.type))
  const queued = first('file.queued')
  const started = first('file.started')
  const lastStart = last('file.started')
  const ended = last('file.completed', 'file.failed')
  if (!queued || !started || !lastStart || !ended) return []
  const between = (from: string, to: string) => Math.max(0, Date.parse(to) - Date.parse(from))
  const parts = [
    `uploading ${formatDuration(between(file.createdAt, queued.at))}`,
    `waiting ${formatDuration(between(queued.at, started.at))}`,
    ...(lastStart === started
      ? []
      : [`earlier attempts ${formatDuration(between(started.at, lastStart.at))}`]),
    `compressing ${formatDuration(between(lastStart.at, ended.at))}`,
  ]
  const cpu = file.result?.cpuMs === undefined ? '' : ` (${formatDuration(file.result.cpuMs)} of CPU)`
  return [`  time: ${parts.join(', ')}${cpu}`]
}
