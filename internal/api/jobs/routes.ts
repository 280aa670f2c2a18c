import { createRoute, z } from '@hono/zod-openapi'
import { optionalJsonBody } from '../http/json-body.ts'
import { listOf, pageParameters } from '../http/page.ts'
import { errorCodeSchema, problemResponse } from '../http/problem.ts'
import { plainText } from '../http/text.ts'
import { jobDetailSchema, jobSchema } from './schema.ts'

const tags = ['Jobs']
/** What Kubernetes takes for a name. */
const kubernetesName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, { message: 'is not a name' })
const params = z.object({ namespace: kubernetesName, name: kubernetesName })

export const listJobsRoute = createRoute({
  method: 'get',
  path: '/v1/jobs',
  summary: 'List CompressionJobs with their progress, by namespace and name',
  description: 'As the operator of a cluster saw them last. Standalone there are none.',
  tags,
  request: {
    query: z.strictObject({
      ...pageParameters,
      namespace: kubernetesName.optional(),
      search: plainText({ min: 1, max: 200 }).optional().describe('Part of `namespace/name`, in any case.'),
    }),
  },
  responses: {
    200: { description: 'A page.', content: { 'application/json': { schema: listOf(jobSchema) } } },
    ...problemResponse,
  },
})

export const getJobRoute = createRoute({
  method: 'get',
  path: '/v1/jobs/{namespace}/{name}',
  summary: 'Get a CompressionJob with the last decisions about its workers and what they were made of',
  tags,
  request: { params },
  responses: {
    200: { description: 'The job.', content: { 'application/json': { schema: jobDetailSchema } } },
    ...problemResponse,
  },
})

export const retryJobRoute = createRoute({
  method: 'post',
  path: '/v1/jobs/{namespace}/{name}/retry',
  summary: 'Try the failed files of a job again',
  description:
    'For jobs that take files from clients. What failed of a bucket or a list is in the ledger of the job and nowhere else: another job over the same source does that, and nothing else, again.',
  tags,
  middleware: [optionalJsonBody] as const,
  request: {
    params,
    body: {
      content: {
        'application/json': {
          schema: z.strictObject({
            codes: z.array(errorCodeSchema).min(1).optional().describe('Only files that failed with these.'),
          }),
        },
      },
    },
  },
  responses: {
    202: {
      description: 'How many are queued again.',
      content: { 'application/json': { schema: z.object({ retried: z.int().nonnegative() }) } },
    },
    ...problemResponse,
  },
})
