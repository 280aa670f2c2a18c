import { compressionOptions, defineCommand, defineOptions, flag, optional, path } from '../../config/index.ts'
import { compressionFaults, compressionFlags } from '../options/compression.ts'

const { slots, memoryLimit, maxFileSize, maxPixels } = compressionOptions

export const runCommand = defineCommand({
  name: 'run',
  summary: 'Compress files and folders on this machine, without a service',
  positionals: { usage: 'PATH…', min: 1, max: Number.POSITIVE_INFINITY },
  options: defineOptions({
    out: optional(path('<folder>'), {
      short: 'o',
      otherwise: '<folder>-compressed for a folder; beside the original for a file, as <name>-compressed',
      doc:
        'Folder for the outputs, made when absent. One folder is unpacked into it; of several paths each keeps its name ' +
        'in it. It is complete: what cannot be made smaller is copied, only failed files are missing.',
    }),
    overwrite: flag({ doc: 'Replace outputs that exist. Originals are never touched.' }),
    ...compressionFlags,
    slots,
    memoryLimit,
    maxFileSize,
    maxPixels,
    json: flag({
      doc: 'Write one line of JSON per file to standard output, and one with the totals at the end.',
    }),
    quiet: flag({ doc: 'Write nothing but errors.' }),
  }),
  examples: [
    { line: 'kompressor photos/', does: 'the short form of: kompressor run photos/' },
    { line: 'kompressor run photos/ --format auto --out web/', does: 'the smallest format for each image' },
    {
      line: 'kompressor run photo.jpg --max-width 1600 --metadata strip',
      does: 'writes photo-compressed.jpg beside it',
    },
  ],
  check: compressionFaults,
})
