import { z } from '@hono/zod-openapi'
import { jobDecisionSchema, jobViewSchema } from '../../messages/index.ts'
import type { JobDecisionRow, JobViewRow } from '../../store/index.ts'

export const jobSchema = z
  .object({
    uid: z.string(),
    namespace: z.string(),
    name: z.string(),
    observedAt: z.iso.datetime().describe('When the operator looked: all of this is as it was then.'),
    ...jobViewSchema.shape,
  })
  .meta({ id: 'Job' })

const decisionSchema = jobDecisionSchema.meta({ id: 'JobDecision' })

export const jobDetailSchema = z
  .object({
    ...jobSchema.shape,
    decisions: z
      .array(decisionSchema)
      .describe(
        'The last 240 about the number of workers, newest first. One that comes to the same is in here every 30 s.',
      ),
  })
  .meta({ id: 'JobDetail' })

export function renderJob({ uid, namespace, name, observedAt, view }: JobViewRow): z.infer<typeof jobSchema> {
  return { uid, namespace, name, observedAt: observedAt.toISOString(), ...view }
}

export function renderDecision({ uid: _, at, ...rest }: JobDecisionRow): z.infer<typeof decisionSchema> {
  return { at: at.toISOString(), ...rest }
}
