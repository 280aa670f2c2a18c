import type { z } from 'zod'
import { group, kind, type specSchema, version } from '../schema/index.ts'
import { yamlText } from './yaml.ts'

export interface Example {
  /** Also the file's name. */
  name: string
  /** What it does, in lines of a comment. */
  about: readonly string[]
  spec: z.input<typeof specSchema>
}

/** Manifests to start from. Every one of them is applied to a real API server in a test. */
export const examples: readonly Example[] = [
  {
    name: 'bucket',
    about: [
      'Compresses the JPEG and PNG files of a bucket into another one.',
      'Formats, names and metadata stay.',
    ],
    spec: {
      source: { s3: { bucket: 'photos', include: ['**/*.jpg', '**/*.jpeg', '**/*.png'] } },
      output: { s3: { bucket: 'photos-compressed' } },
      compression: { images: {} },
    },
  },
  {
    name: 'estimate',
    about: ['Says what compressing a bucket would save and cost, and writes nothing.'],
    spec: {
      mode: 'Estimate',
      source: { s3: { bucket: 'photos', prefix: '2025/' } },
      compression: { images: { format: 'Auto' }, data: {} },
    },
  },
  {
    name: 'deadline',
    about: [
      'Converts 40 million images to AVIF until tomorrow morning, with as few pods as manage that,',
      'on spot nodes, from a store outside of AWS that shall have something left for others.',
      'Stops when more than 2 % fail.',
    ],
    spec: {
      source: {
        s3: {
          bucket: 'catalogue',
          endpoint: 'https://s3.eu.example.com',
          credentialsSecretRef: { name: 'catalogue-s3' },
          minSize: '10KiB',
        },
      },
      output: {
        s3: {
          bucket: 'catalogue-avif',
          endpoint: 'https://s3.eu.example.com',
          credentialsSecretRef: { name: 'catalogue-s3' },
        },
        onExisting: 'Overwrite',
      },
      compression: { images: { format: 'AVIF', targetQuality: 80 } },
      scaling: { finishWithin: '12h', maxReplicas: 50 },
      failurePolicy: { maxFailedPercent: 2, minFiles: 1000 },
      limits: { requestsPerSecond: 3000, bytesPerSecond: 250_000_000 },
      worker: {
        resources: { requests: { cpu: '4', memory: '4Gi' }, limits: { cpu: '4', memory: '4Gi' } },
        nodeSelector: { 'karpenter.sh/capacity-type': 'spot' },
        tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoSchedule' }],
      },
      ttlSecondsAfterFinished: 3600,
    },
  },
  {
    name: 'csv',
    about: [
      'Fetches the addresses in a ConfigMap, writes WebP files of at most 1200 pixels, and tells the shop when it is done.',
    ],
    spec: {
      source: {
        csv: {
          configMapKeyRef: { name: 'image-list', key: 'images.csv' },
          columns: { url: 'image_url', key: 'sku' },
        },
      },
      output: { s3: { bucket: 'shop', prefix: 'images/' } },
      compression: { images: { format: 'WebP', resize: { maxWidth: 1200 }, metadata: 'Strip' } },
      webhook: {
        url: 'https://shop.example.com/hooks/kompressor',
        secretRef: { name: 'hooks', key: 'kompressor' },
      },
    },
  },
  {
    name: 'urls',
    about: ['Three files from the web. Their results go with the job when it is deleted.'],
    spec: {
      source: {
        urls: ['https://example.com/a.jpg', 'https://example.com/b.png', 'https://example.com/c.csv'],
      },
      output: { s3: { bucket: 'results' } },
      compression: { images: {}, data: { codec: 'Zstd' } },
      deletionPolicy: 'Delete',
    },
  },
  {
    name: 'logs',
    about: [
      'Compresses logs with zstd into another prefix of their bucket; what would not shrink by a fifth is kept as it is.',
    ],
    spec: {
      source: { s3: { bucket: 'logs', prefix: 'app/', exclude: ['**/*.gz', '**/*.zst'], minSize: '64KiB' } },
      output: { s3: { bucket: 'logs', prefix: 'app-compressed/' }, preserve: ['UserMetadata', 'Tags'] },
      compression: { data: { codec: 'Zstd', level: 12 }, minSavingsPercent: 20 },
    },
  },
  {
    name: 'ingest',
    about: [
      'A lane of its own for urgent uploads: clients send them with `job: urgent`. Two pods wait for them always.',
    ],
    spec: {
      source: {
        ingest: {
          profiles: {
            thumbnail: {
              images: { format: 'WebP', resize: { maxWidth: 320, maxHeight: 320 }, metadata: 'Strip' },
            },
            archive: { images: { preset: 'Small' }, data: { codec: 'Zstd', level: 19 } },
          },
        },
      },
      compression: { images: {}, data: {} },
      scaling: { minReplicas: 2, maxReplicas: 20, targetDrainSeconds: 15 },
      partitions: 48,
      worker: { priorityClassName: 'system-cluster-critical' },
    },
  },
]

/** The file of an example. */
export function exampleText({ name, about, spec }: Example): string {
  const manifest = { apiVersion: `${group}/${version}`, kind, metadata: { name }, spec }
  return `${about.map((line) => `# ${line}`).join('\n')}\n${yamlText(manifest)}`
}
