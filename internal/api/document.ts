import { OpenAPIHono } from '@hono/zod-openapi'
import { getActivityRoute } from './activity/index.ts'
import { getArchiveRoute } from './archive/index.ts'
import { batchContracts } from './batches/index.ts'
import { contentContracts } from './content/index.ts'
import { streamEventsRoute } from './events/index.ts'
import { failureContracts } from './failures/index.ts'
import { fileContracts } from './files/index.ts'
import { healthContracts } from './health/index.ts'
import { jobContracts } from './jobs/index.ts'
import { uploadContracts } from './uploads/index.ts'

/** Every operation, as it is validated. */
const contracts = [
  ...fileContracts,
  ...contentContracts,
  ...batchContracts,
  ...uploadContracts,
  getArchiveRoute,
  streamEventsRoute,
  ...failureContracts,
  getActivityRoute,
  ...jobContracts,
  ...healthContracts,
]

/** The API as an OpenAPI 3.1 document, generated from the schemas that validate requests. */
export function openApiDocument() {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono()
  for (const contract of contracts) openAPIRegistry.registerPath(contract)
  return getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Kompressor',
      version: '1',
      description:
        'Compresses files at scale. Lists are paged by opaque cursors; errors are problem documents (RFC 9457) that carry a `code`. Events of several batches come over the WebSocket at /ws too: send `{"type":"subscribe","batch":ID,"after":SEQ}`.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
  })
}
