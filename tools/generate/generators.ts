import { openApiDocument } from '../../internal/api/index.ts'
import { commands } from '../../internal/cli/index.ts'
import { configurationReference } from '../../internal/config/index.ts'
import { errorsReference } from '../../internal/errors/index.ts'
import { messagesReference } from '../../internal/messages/index.ts'
import {
  compressionJobCrd,
  compressionJobReference,
  examples,
  exampleText,
  operatorRbac,
  yamlText,
} from '../../internal/operator/index.ts'
import { createMetrics, metricsReference } from '../../internal/telemetry/index.ts'
import { apiTypes } from './api-types.ts'
import type { Generator } from './files.ts'
import { readmeWithFigures } from './readme.ts'

/**
 * Every generated file. The content must depend on what is in the repository alone: not on the time, the machine or the
 * environment.
 */
export const generators: readonly Generator[] = [
  { path: 'README.md', content: readmeWithFigures },
  { path: 'docs/openapi.json', content: () => `${JSON.stringify(openApiDocument(), null, 2)}\n` },
  { path: 'web/src/api/generated/schema.ts', content: () => apiTypes(openApiDocument()) },
  { path: 'docs/configuration.md', content: () => configurationReference(commands) },
  { path: 'docs/errors.md', content: errorsReference },
  { path: 'docs/messages.md', content: messagesReference },
  {
    path: 'docs/metrics.md',
    content: () => metricsReference(createMetrics({ processMetrics: false }).descriptions),
  },
  { path: 'deploy/kustomize/base/crd.yaml', content: () => yaml(compressionJobCrd()) },
  {
    path: 'deploy/kustomize/base/operator-rbac.yaml',
    content: () => yaml(...operatorRbac('kompressor')),
  },
  { path: 'docs/reference/compressionjob.md', content: compressionJobReference },
  ...examples.map((example) => ({
    path: `deploy/examples/${example.name}.yaml`,
    content: () => exampleText(example),
  })),
]

/** Generated manifests say so, and are written by the code that writes the examples. */
function yaml(...manifests: unknown[]): string {
  return `# Generated from internal/operator by \`npm run generate\`.\n${manifests.map(yamlText).join('---\n')}`
}
