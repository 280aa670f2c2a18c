import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { type CompressionOptions, guessType, predictUploadCost } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import { type LedgerLine, unknownType } from '../../ledger/index.ts'
import type { PlanPage, PlanState } from '../../messages/index.ts'
import { cutIntoChunks, type PredictedObject } from '../cut.ts'
import type { PlanSink } from '../planner.ts'
import type { ListEntry } from './entry.ts'

export interface PlanList {
  /** The list from its beginning. */
  entries: AsyncIterable<ListEntry> | Iterable<ListEntry>
  /** Changes when the list does: a plan is of one version. */
  version: string
  options: CompressionOptions
  sink: PlanSink
  /** Makes the lines of a page that cannot be used part of the ledger, before the page is added. Repeatable. */
  writeFaults(page: number, lines: readonly LedgerLine[]): Promise<void>
  clock: () => Date
  signal: AbortSignal
}

const pageEntries = 512
/** Lines of one list: the first line of each address is remembered, so that none is done twice. */
const mostEntries = 2_000_000
/** Lines that cannot be used and are named in the ledger; what is beyond is only counted. */
const mostFaults = 10_000

/**
 * Hands the files of a list over in chunks, page by page. Goes on where the plan is, after reading the list up to there
 * again. Lines that cannot be used count as failed files; an address that comes again, with the same key, as skipped.
 *
 * Throws bad_list when the list is too long or another one than that the plan was begun with, and what the sink throws.
 */
export async function planList(job: PlanList): Promise<PlanState> {
  let state = await job.sink.read()
  let page = newPage()
  const done = state.token === undefined ? 0 : positionOf(state.token, job.version)
  const seen = new Map<string, number>()
  let position = 0
  let faults = 0
  if (state.complete) return state
  for await (const entry of job.entries) {
    job.signal.throwIfAborted()
    position += 1
    if (position > mostEntries)
      throw badList(`has more than ${mostEntries} lines: divide it over several jobs`)
    if ('fault' in entry) faults += 1
    const first = 'fault' in entry ? undefined : firstOf(seen, entry)
    if (position <= done) continue
    if ('fault' in entry) addFault(page, entry, faults <= mostFaults)
    else if (first !== undefined) page.duplicates += 1
    else page.work.push(predict(entry, job.options, state))
    page.entries += 1
    if (page.entries < pageEntries) continue
    state = await hand(job, state, page, `${job.version}:${position}`)
    page = newPage()
  }
  return hand(job, state, page, undefined)
}

interface Page {
  entries: number
  work: PredictedObject[]
  duplicates: number
  faults: number
  example: { key: string; message: string } | undefined
  lines: { key: string; message: string }[]
}

function newPage(): Page {
  return { entries: 0, work: [], duplicates: 0, faults: 0, example: undefined, lines: [] }
}

function addFault(page: Page, { line, fault }: Extract<ListEntry, { fault: string }>, named: boolean): void {
  const shown = { key: `line ${line}`, message: `line ${line} ${fault}` }
  page.faults += 1
  page.example ??= shown
  if (named) page.lines.push(shown)
}

/** The line that had the same file before, if any. */
function firstOf(seen: Map<string, number>, { line, url, path }: Extract<ListEntry, { url: string }>) {
  // Half of a SHA-256 is as good as the whole, and a third of an address.
  const id = createHash('sha256').update(`${url}\n${path}`).digest('base64url').slice(0, 22)
  const first = seen.get(id)
  if (first === undefined) seen.set(id, line)
  return first
}

async function hand(
  job: PlanList,
  state: PlanState,
  page: Page,
  next: string | undefined,
): Promise<PlanState> {
  const at = job.clock().toISOString()
  const lines = page.lines.map(
    ({ key, message }): LedgerLine => ({
      at,
      source: { key, etag: '', bytes: 0 },
      outcome: 'failed',
      error: { code: 'bad_line', message },
    }),
  )
  if (lines.length > 0) await job.writeFaults(state.nextPage, lines)
  const { faults, example, duplicates } = page
  const skipped = {
    outcome: 'skipped',
    reason: 'duplicate',
    files: duplicates,
    bytesIn: 0,
    bytesOut: 0,
  } as const
  const added: PlanPage = {
    page: state.nextPage,
    chunks: cutIntoChunks(page.work),
    settled: duplicates > 0 ? [skipped] : [],
    failed: example === undefined ? [] : [{ code: 'bad_line', count: faults, example }],
    leftOut: 0,
    ...(next !== undefined && { next }),
  }
  return job.sink.add(added)
}

/** Entries that were handed over, of this very list. */
function positionOf(token: string, version: string): number {
  const at = token.lastIndexOf(':')
  if (token.slice(0, at) === version) return Number(token.slice(at + 1))
  throw badList('was changed while it was read: delete this job and make another one')
}

function predict(
  { url, path }: Extract<ListEntry, { url: string }>,
  options: CompressionOptions,
  { costFactors }: PlanState,
): PredictedObject {
  const name = posix.basename(new URL(url).pathname)
  const factor = costFactors[guessType({ name }) ?? unknownType] ?? 1
  // Nobody knows its size before it is fetched.
  return { object: { key: url, size: 0, etag: '', path }, cost: predictUploadCost({ name }, options), factor }
}

function badList(why: string): KompressorError {
  return new KompressorError('bad_list', `the list ${why}`)
}
