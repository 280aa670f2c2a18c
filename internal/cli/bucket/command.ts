import {
  compressionOptions,
  defineCommand,
  defineOptions,
  flag,
  option,
  optional,
  path,
  repeated,
  required,
  size,
  text,
  url,
} from '../../config/index.ts'
import { compressionFaults, compressionFlags } from '../options/compression.ts'

const { slots, memoryLimit, maxFileSize, maxPixels } = compressionOptions

/** `kompressor run` when what it reads is a bucket. */
export const runBucketCommand = defineCommand({
  name: 'run s3://',
  summary: 'Compress what lies below a prefix of a bucket, on this machine',
  positionals: { usage: 's3://BUCKET/PREFIX', min: 1, max: 1 },
  options: defineOptions({
    out: required(text('<s3://bucket/prefix>'), {
      short: 'o',
      doc: 'Where outputs go: another bucket, or another prefix. Kept originals are copied there too.',
    }),
    include: repeated(text('<glob>'), { doc: 'Read only keys below the prefix that match one of these.' }),
    exclude: repeated(text('<glob>'), { doc: 'Leave out keys that match one of these.' }),
    minSize: optional(size({ min: 0 }), { doc: 'Leave out smaller objects.' }),
    keyTemplate: option(text('<template>'), {
      default: '{path}{newext}',
      doc: 'How outputs are named below --out; docs/jobs.md lists what it may say.',
    }),
    overwrite: flag({ doc: 'Replace objects that have the name of an output. Originals are never touched.' }),
    s3Endpoint: optional(url(), { otherwise: 'AWS', doc: 'Object store that is not AWS.' }),
    s3Region: optional(text('<region>'), {
      otherwise: 'as the AWS SDK finds it',
      doc: 'Region of the buckets.',
    }),
    stateDir: optional(path('<folder>'), {
      otherwise: 'a folder of this command line below ~/.local/state/kompressor',
      doc: 'Keeps how far the run is, so that the same command goes on after an interruption; removed at the end.',
    }),
    ...compressionFlags,
    slots,
    memoryLimit,
    maxFileSize,
    maxPixels,
    json: flag({
      doc: 'Write one line of JSON per object to standard output at the end, and one with the totals.',
    }),
    quiet: flag({ doc: 'Write nothing but errors.' }),
  }),
  examples: [
    {
      line: 'kompressor run s3://shop/photos --out s3://shop-web/photos --format auto',
      does: 'reads one bucket and writes another; run again, it does only what is new',
    },
  ],
  check: compressionFaults,
})
