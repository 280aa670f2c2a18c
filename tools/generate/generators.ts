import { openApiDocument } from '../../internal/api/index.ts'
import { commands } from '../../internal/cli/index.ts'
import { configurationReference } from '../../internal/config/index.ts'
import { errorsReference } from '../../internal/errors/index.ts'
import { createMetrics, metricsReference } from '../../internal/telemetry/index.ts'
import { apiTypes } from './api-types.ts'
import type { Generator } from './files.ts'

/** Every generated file. The content must depend on the code alone: not on the time, the machine or the environment. */
export const generators: readonly Generator[] = [
  { path: 'docs/openapi.json', content: () => `${JSON.stringify(openApiDocument(), null, 2)}\n` },
  { path: 'web/src/api/generated/schema.ts', content: () => apiTypes(openApiDocument()) },
  { path: 'docs/configuration.md', content: () => configurationReference(commands) },
  { path: 'docs/errors.md', content: errorsReference },
  {
    path: 'docs/metrics.md',
    content: () => metricsReference(createMetrics({ processMetrics: false }).descriptions),
  },
]
