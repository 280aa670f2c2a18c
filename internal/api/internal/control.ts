import { createHash } from 'node:crypto'
import { KompressorError } from '../../errors/index.ts'
import type { ControlDocument } from '../../messages/index.ts'
import { latestCancellations, listJobs, noteLimited } from '../../store/index.ts'
import type { ApiApp, Services } from '../env.ts'
import { requireJobToken } from './token.ts'

/** Cancellations a worker is told about. What is older costs work in vain and nothing else. */
const mostCancellations = 1_000
/** How old an answer may be, milliseconds: many workers ask for the same one. */
const freshMs = 1_000

/** What has become unwanted of a job's work, and what its pods may ask of stores; and that this holds one of them back. */
export function controlRoutes(app: ApiApp, services: Services): void {
  const { jobTokens, clock } = services
  if (jobTokens === undefined) return
  const answers = new Map<string, { at: number; answer: Promise<{ etag: string; body: string }> }>()

  const latest = (jobUid: string) => {
    const now = clock().getTime()
    const known = answers.get(jobUid)
    if (known !== undefined && now - known.at < freshMs) return known.answer
    const answer = describe(services, jobUid)
    answers.set(jobUid, { at: now, answer })
    answer.catch(() => answers.delete(jobUid))
    return answer
  }

  app.get('/internal/jobs/:uid/control', async (c) => {
    const { uid } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    const { etag, body } = await latest(uid)
    const headers = { etag, 'cache-control': 'no-cache', 'content-type': 'application/json' }
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
    return c.body(body, 200, headers)
  })

  app.put('/internal/jobs/:uid/limited', async (c) => {
    const { uid } = c.req.param()
    requireJobToken(c, jobTokens, uid)
    await noteLimited(services.store.db, uid, clock())
    return c.body(null, 204)
  })
}

async function describe({ store }: Services, jobUid: string): Promise<{ etag: string; body: string }> {
  const job = (await listJobs(store.db)).find(({ uid }) => uid === jobUid)
  if (job === undefined) {
    throw new KompressorError('job_not_found', `there is no job ${jobUid}, or it is being deleted`)
  }
  const latest = await latestCancellations(store.db, { jobUid, limit: mostCancellations })
  const document: ControlDocument = {
    batches: latest.filter((c) => c.fileId === null).map((c) => c.batchId),
    files: latest.flatMap((c) => c.fileId ?? []),
    ...(job.limits !== null && { limits: job.limits }),
  }
  const body = JSON.stringify(document)
  return { etag: `"${createHash('sha256').update(body).digest('base64url')}"`, body }
}
