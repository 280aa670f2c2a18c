import { defaultOptions } from '../../codec/index.ts'
import { KompressorError } from '../../errors/index.ts'
import { type BatchRow, type Database, requireBatch } from '../../store/index.ts'
import { withSpan } from '../../telemetry/index.ts'
import { type ApiApp, type ApiContext, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { type Answer, type Claim, fingerprintOf, toResponse } from '../http/idempotency.ts'
import { answeredRaw } from '../http/raw.ts'
import { optionsFromParameters } from '../options/flat.ts'
import { type Arrivals, receive } from './receive.ts'
import { isSettled } from './render.ts'
import { submitFileRoute } from './routes.ts'
import { answerOf, rowsOf, type Submission, type Submitted, soleOptions, submit } from './submit.ts'
import { hashingSink, type Sink, storingSink } from './upload.ts'
import { settle, waitPreference } from './wait.ts'

export function postFileRoutes(app: ApiApp, services: Services): void {
  app.openapi(
    answeredRaw(submitFileRoute),
    async (c) => {
      const tenantId = tenantOf(c.env.incoming)
      const query = c.req.valid('query')
      const { 'idempotency-key': key, prefer } = c.req.valid('header')
      const request: Request = { tenantId, query, waitMs: waitPreference(prefer) }
      if (key === undefined) return post(c, services, request, undefined)
      const claim = await services.keys.claim(tenantId, key)
      try {
        return await (claim.isUsed ? repeat(c, services, request, claim) : post(c, services, request, claim))
      } finally {
        claim.release()
      }
    },
    faults(submitFileRoute),
  )
}

interface Request {
  tenantId: string
  query: ReturnType<typeof submitFileRoute.request.query.parse>
  /** How long the client wants to wait for the result. */
  waitMs: number | undefined
}

/** Answers a request whose key was used as it was answered then, after making sure that it is the same. */
async function repeat(
  c: ApiContext,
  services: Services,
  { query: { name, sha256 } }: Request,
  claim: Claim,
): Promise<Response> {
  const { maxFileBytes } = services.limits
  const arrivals = await receive(c.env.incoming, { sink: hashingSink(services), maxFileBytes, name, sha256 })
  return toResponse(claim.replay(fingerprintOfArrivals(c.req.url, arrivals)))
}

async function post(
  c: ApiContext,
  services: Services,
  request: Request,
  claim: Claim | undefined,
): Promise<Response> {
  const { store, limits, tracer } = services
  const { tenantId, query } = request
  const { batch: batchId, name, sha256, tag: tags } = query
  const batch = batchId === undefined ? undefined : await requireOpenBatch(store.db, tenantId, batchId)
  const asked = soleOptions(batch?.options, optionsFromParameters(query))
  const sink = storingSink(services, { tenantId, tags, hash: claim !== undefined })
  const arrivals = await receive(c.env.incoming, { sink, maxFileBytes: limits.maxFileBytes, name, sha256 })
  const attributes = { 'kompressor.files': arrivals.files.length }
  const committed = await keeping(sink, arrivals, async () => {
    const options = soleOptions(asked, arrivals.options) ?? defaultOptions
    const submission = { tenantId, requestId: c.get('requestId'), options, ...(batch && { batch }) }
    const claimed = claim && { claim, fingerprint: fingerprintOfArrivals(c.req.url, arrivals) }
    return withSpan(tracer, 'accept', { attributes }, () => commit(services, submission, arrivals, claimed))
  })
  // What is stored can be given again from here on, however long this client waits.
  claim?.release()
  return respond(c, services, request, committed)
}

interface Committed {
  submitted: Submitted
  answer: Answer
}

/** Removes the bytes of files that got no row. What a failing database did with them is for the sweeper to find out. */
async function keeping(sink: Sink, arrivals: Arrivals, act: () => Promise<Committed>): Promise<Committed> {
  const arrived = arrivals.files.filter((file) => 'file' in file)
  try {
    const committed = await act()
    const accepted = new Set(rowsOf(committed.submitted).map((row) => row.id))
    const refused = arrived.filter(({ file }) => !accepted.has(file.id))
    if (refused.length > 0) await sink.forget(refused)
    return committed
  } catch (error) {
    if (error instanceof KompressorError && error.status < 500) await sink.forget(arrived)
    throw error
  }
}

async function commit(
  services: Services,
  submission: Submission,
  arrivals: Arrivals,
  claimed: { claim: Claim; fingerprint: string } | undefined,
): Promise<Committed> {
  const { store, publicUrl } = services
  let submitted: Submitted = { single: arrivals.single, items: [] }
  const act = async (db: Database) => {
    submitted = await submit(services, db, submission, arrivals)
    return answerOf(submitted, 202, publicUrl())
  }
  if (claimed !== undefined) {
    const answer = await claimed.claim.commit(claimed.fingerprint, act)
    return { answer, submitted }
  }
  // One file is one statement already; several are accepted together or not at all.
  const answer = await (arrivals.single ? act(store.db) : store.db.transaction(act))
  return { answer, submitted }
}

async function respond(
  c: ApiContext,
  services: Services,
  { tenantId, waitMs }: Request,
  { submitted, answer }: Committed,
): Promise<Response> {
  const rows = rowsOf(submitted)
  if (waitMs === undefined || rows.length === 0) return toResponse(answer)
  const settled = await settle(services, rows, { tenantId, timeoutMs: waitMs, signal: c.req.raw.signal })
  const byId = new Map(settled.map((row) => [row.id, row]))
  const items = submitted.items.map((item) =>
    'row' in item ? { ...item, row: byId.get(item.row.id) ?? item.row } : item,
  )
  const status = settled.every(isSettled) ? 200 : 202
  const { headers, ...waited } = answerOf({ ...submitted, items }, status, services.publicUrl())
  return toResponse({ ...waited, headers: { ...headers, 'preference-applied': `wait=${waitMs / 1000}` } })
}

/** The batch a file may be added to. Throws batch_not_found, batch_sealed: before the bytes are read. */
async function requireOpenBatch(db: Database, tenantId: string, batchId: string): Promise<BatchRow> {
  const batch = await requireBatch(db, tenantId, batchId)
  if (!batch.sealed && batch.state !== 'cancelled') return batch
  throw new KompressorError('batch_sealed', `batch ${batchId} is sealed; create a new one for more files`)
}

/** Two submissions are the same when parameters, options, names and contents are. Boundaries of forms differ each time. */
function fingerprintOfArrivals(url: string, { files, options }: Arrivals): string {
  const parameters = new URL(url).searchParams
  parameters.sort()
  const parts = files.map((file) => [file.name, 'error' in file ? file.error.code : (file.contents ?? '')])
  return fingerprintOf('POST /v1/files', parameters.toString(), JSON.stringify([options ?? null, parts]))
}
