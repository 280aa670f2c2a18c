import { defineCommand, defineOptions, optional, repeated, size, text, url } from '../../config/index.ts'
import { compressionFaults } from '../options/compression.ts'
import { estimateOptions } from './options.ts'

export const estimateCommand = defineCommand({
  name: 'estimate',
  summary: 'Say what compressing a folder would save and cost, from a sample; nothing is changed',
  positionals: { usage: 'FOLDER', min: 1, max: 1 },
  options: estimateOptions,
  examples: [
    {
      line: 'kompressor estimate photos/ --format auto',
      does: 'compresses 400 files and forgets them',
    },
  ],
  check: compressionFaults,
})

/** `kompressor estimate` when what it reads is a bucket. */
export const estimateBucketCommand = defineCommand({
  name: 'estimate s3://',
  summary: 'Say what compressing a bucket would save and cost, from a sample; nothing is changed',
  positionals: { usage: 's3://BUCKET/PREFIX', min: 1, max: 1 },
  options: defineOptions({
    include: repeated(text('<glob>'), { doc: 'Read only keys below the prefix that match one of these.' }),
    exclude: repeated(text('<glob>'), { doc: 'Leave out keys that match one of these.' }),
    minSize: optional(size({ min: 0 }), { doc: 'Leave out smaller objects.' }),
    storageClass: repeated(text('<class>'), {
      doc: 'Count objects of these storage classes. STANDARD alone unless given: reading others costs by the GB.',
    }),
    s3Endpoint: optional(url(), { otherwise: 'AWS', doc: 'Object store that is not AWS.' }),
    s3Region: optional(text('<region>'), {
      otherwise: 'as the AWS SDK finds it',
      doc: 'Region of the bucket.',
    }),
    ...estimateOptions,
  }),
  examples: [
    {
      line: 'kompressor estimate s3://shop/photos --format auto --replicas 10 --replica-slots 4',
      does: 'what it would save a month, and how long ten workers would take',
    },
  ],
  check: compressionFaults,
})
