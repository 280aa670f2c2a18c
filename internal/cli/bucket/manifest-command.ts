import {
  compressionOptions,
  defineCommand,
  defineOptions,
  flag,
  optional,
  path,
  repeated,
  required,
  text,
} from '../../config/index.ts'

const { slots, memoryLimit, maxFileSize, maxPixels } = compressionOptions

/** `kompressor run` when what it does is written in a manifest. */
export const runManifestCommand = defineCommand({
  name: 'run -f',
  summary: 'Run a CompressionJob that ends on this machine, without Kubernetes',
  options: defineOptions({
    file: required(path('<file>'), {
      short: 'f',
      doc: 'The manifest, as kubectl applies it. What says how to run it in a cluster (scaling, worker, retry, failurePolicy …) does not count here, and credentials come the way of the AWS SDK.',
    }),
    stateDir: optional(path('<folder>'), {
      otherwise: 'a folder of this manifest below ~/.local/state/kompressor',
      doc: 'Keeps how far the run is, so that the same command goes on after an interruption; removed at the end.',
    }),
    fetchAllow: repeated(text('<network>'), {
      doc: 'A private network whose addresses a list may name, such as 10.1.0.0/16 or 127.0.0.1.',
    }),
    slots,
    memoryLimit,
    maxFileSize,
    maxPixels,
    json: flag({
      doc: 'Write one line of JSON per object to standard output at the end, and one with the totals.',
    }),
    quiet: flag({ doc: 'Write nothing but errors.' }),
  }),
  examples: [{ line: 'kompressor run -f job.yaml', does: 'does what the job would do in a cluster' }],
})

export function isManifestRun(given: string): boolean {
  return given === '-f' || given === '--file' || given.startsWith('--file=')
}
