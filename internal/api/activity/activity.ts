import { createRoute, z } from '@hono/zod-openapi'
import { type ActivityTotal, type ActivityWindow, activityWindows, readActivity } from '../../store/index.ts'
import { type ApiApp, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { problemResponse } from '../http/problem.ts'

const windows = Object.keys(activityWindows) as [ActivityWindow, ...ActivityWindow[]]
const count = z.int().nonnegative()

const totals = {
  completed: count.describe('Files that came to a result: compressed, kept or skipped.'),
  failed: count,
  retried: count.describe('Attempts that failed and are tried again.'),
  bytes: z.object({ in: count, out: count, saved: z.int() }).describe('Of completed files.'),
  latencyMs: z
    .object({ p50: count, p95: count })
    .optional()
    .describe('From being queued to the end of the last attempt, within a fifth. Absent when nothing ended.'),
}

const activitySchema = z
  .object({
    window: z.enum(windows),
    bucketSeconds: z.int().positive(),
    at: z.iso.datetime().describe('When this was read: the last bucket is not over.'),
    open: count.describe('Files and chunks that wait or are worked on. Each is counted up to 200,000.'),
    total: z.object(totals),
    buckets: z
      .array(
        z.object({ at: z.iso.datetime(), open: count.describe('The most there was at once.'), ...totals }),
      )
      .describe('Oldest first, without gaps.'),
  })
  .meta({ id: 'Activity' })

export const getActivityRoute = createRoute({
  method: 'get',
  path: '/v1/activity',
  summary: 'See what happened lately: throughput, savings, errors, latency and what is open',
  description: 'Kept apart from files: deleting those changes nothing here.',
  tags: ['Operation'],
  request: {
    query: z.strictObject({ window: z.enum(windows).default('1h').describe('How far to look back.') }),
  },
  responses: {
    200: {
      description: 'Buckets of equal length.',
      content: { 'application/json': { schema: activitySchema } },
    },
    ...problemResponse,
  },
})

export function activityRoutes(app: ApiApp, { store: { db }, clock }: Services): void {
  app.openapi(
    getActivityRoute,
    async (c) => {
      const { window } = c.req.valid('query')
      const now = clock()
      const read = await readActivity(db, { tenantId: tenantOf(c.env.incoming), window, now })
      return c.json(
        {
          window,
          bucketSeconds: activityWindows[window].bucket,
          at: now.toISOString(),
          open: read.open,
          total: renderTotal(read.total),
          buckets: read.buckets.map((bucket) => ({
            at: bucket.at.toISOString(),
            open: bucket.open,
            ...renderTotal(bucket),
          })),
        },
        200,
      )
    },
    faults(getActivityRoute),
  )
}

function renderTotal({ completed, failed, retried, bytesIn, bytesOut, latency }: ActivityTotal) {
  return {
    completed,
    failed,
    retried,
    bytes: { in: bytesIn, out: bytesOut, saved: bytesIn - bytesOut },
    ...(latency && { latencyMs: latency }),
  }
}
