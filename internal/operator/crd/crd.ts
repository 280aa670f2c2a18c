import { compressionJobSchema, group, kind, plural, version } from '../schema/index.ts'
import { type Structural, structuralOf } from './structural.ts'

/** Not `cj`: that is the short name of CronJob, which kubectl prefers. */
export const shortName = 'cjob'

/** Columns of `kubectl get cjob`. */
const columns = [
  [
    'Ready',
    'string',
    '.status.conditions[?(@.type=="Ready")].status',
    'Whether topic, credentials and workers are in place.',
  ],
  ['Found', 'integer', '.status.files.found', 'Files the source has.'],
  ['Done', 'integer', '.status.files.completed', 'Files compressed.'],
  ['Failed', 'integer', '.status.files.failed', 'Files that failed for good.'],
  ['Saved', 'number', '.status.savingsPercent', 'Bytes saved, in percent.'],
  ['Lag', 'integer', '.status.lag.records', 'Records that are waiting.'],
  ['Replicas', 'integer', '.status.replicas.ready', 'Worker pods that are ready.'],
  ['ETA', 'string', '.status.estimatedCompletionTime', 'When it will be done.'],
  ['Age', 'date', '.metadata.creationTimestamp', 'How long it has been there.'],
] as const

/** The whole schema of a CompressionJob as the API server checks it. */
export function compressionJobStructure(): Structural {
  const { properties = {}, ...root } = structuralOf(compressionJobSchema)
  return {
    ...root,
    properties: {
      apiVersion: { type: 'string', description: `${group}/${version}` },
      kind: { type: 'string', description: kind },
      metadata: { type: 'object' },
      ...properties,
    },
  }
}

/** The CustomResourceDefinition. */
export function compressionJobCrd() {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: [shortName],
        categories: ['kompressor'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: compressionJobStructure() },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: '.spec.scaling.replicas',
              statusReplicasPath: '.status.replicas.ready',
              labelSelectorPath: '.status.selector',
            },
          },
          additionalPrinterColumns: columns.map(([name, type, jsonPath, description]) => ({
            name,
            type,
            jsonPath,
            description,
          })),
        },
      ],
    },
  }
}
