import { type CompressionOptions, guessType, predictUploadCost } from '../codec/index.ts'
import { unknownType } from '../ledger/index.ts'
import type { PlanPage, PlanState, SettledObjects } from '../messages/index.ts'
import type { ObjectInfo, ObjectStore } from '../objects/index.ts'
import { cutIntoChunks, type PredictedObject } from './cut.ts'
import { createFilter, type SourceFilter, type Verdict } from './filter.ts'

/** Where a plan is kept: the database, or the API in front of it. */
export interface PlanSink {
  read(): Promise<PlanState>
  /** Adds a page and says what is wanted next. Adding one twice changes nothing. */
  add(page: PlanPage): Promise<PlanState>
}

/** What an earlier job did with an object. */
export interface DoneBefore {
  outcome: SettledObjects['outcome']
  bytesOut: number
}

export interface PlanPrefix {
  source: Pick<ObjectStore, 'list'>
  prefix: string
  filter: SourceFilter
  options: CompressionOptions
  sink: PlanSink
  /** Asked in key order, about objects that would be worked on. */
  doneBefore?: (object: ObjectInfo) => Promise<DoneBefore | undefined>
  signal: AbortSignal
}

/** Objects to work on after which a page is handed over, and listings after which it is anyway. */
const pageObjects = 1_024
const pageListings = 10

/**
 * Lists a prefix and hands its objects over in chunks, page by page, so that work starts while listing goes on. Goes on
 * where the plan is; holds one page in memory however long the listing. Resolves with the complete plan.
 */
export async function planPrefix(job: PlanPrefix): Promise<PlanState> {
  const decide = createFilter(job.filter, job.prefix)
  let state = await job.sink.read()
  while (!state.complete) {
    job.signal.throwIfAborted()
    state = await job.sink.add(await nextPage(job, state, decide))
  }
  return state
}

async function nextPage(
  job: PlanPrefix,
  state: PlanState,
  decide: (object: ObjectInfo) => Verdict,
): Promise<PlanPage> {
  const work: PredictedObject[] = []
  const settled = new Map<string, SettledObjects>()
  let leftOut = 0
  let { token } = state
  for (let listings = 0; work.length < pageObjects && listings < pageListings; listings += 1) {
    job.signal.throwIfAborted()
    const { items, next } = await job.source.list({
      prefix: job.prefix,
      ...(token !== undefined && { startAfter: token }),
    })
    for (const item of items) {
      const verdict = decide(item)
      if (verdict === 'left_out') leftOut += 1
      else if (verdict !== 'work')
        settle(settled, { outcome: 'skipped', reason: verdict, bytesIn: item.size, bytesOut: item.size })
      else {
        const done = await job.doneBefore?.(item)
        if (done === undefined) work.push(predict(item, job.options, state))
        else settle(settled, { ...done, reason: 'done_before', bytesIn: item.size })
      }
    }
    token = next
    if (next === undefined) break
  }
  return {
    page: state.nextPage,
    chunks: cutIntoChunks(work),
    settled: [...settled.values()],
    leftOut,
    ...(token !== undefined && { next: token }),
  }
}

function settle(settled: Map<string, SettledObjects>, one: Omit<SettledObjects, 'files'>): void {
  const { outcome, reason } = one
  const id = `${outcome}/${reason}`
  const sum = settled.get(id) ?? { outcome, reason, files: 0, bytesIn: 0, bytesOut: 0 }
  sum.files += 1
  sum.bytesIn += one.bytesIn
  sum.bytesOut += one.bytesOut
  settled.set(id, sum)
}

function predict(
  { key, size, etag }: ObjectInfo,
  options: CompressionOptions,
  { costFactors }: PlanState,
): PredictedObject {
  const factor = costFactors[guessType({ name: key }) ?? unknownType] ?? 1
  return { object: { key, size, etag }, cost: predictUploadCost({ name: key, size }, options), factor }
}
