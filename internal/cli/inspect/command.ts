import { compressionOptions, defineCommand, defineOptions, flag } from '../../config/index.ts'
import { compressionFaults, compressionFlags } from '../options/compression.ts'

const { maxFileSize, maxPixels } = compressionOptions

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'Say what files are, what would be done with them and what that would save; write nothing',
  positionals: { usage: 'FILE…', min: 1, max: Number.POSITIVE_INFINITY },
  options: defineOptions({
    ...compressionFlags,
    maxFileSize,
    maxPixels,
    json: flag({ doc: 'Write one line of JSON per file.' }),
  }),
  examples: [
    { line: 'kompressor inspect photo.jpg', does: 'with the options a run would have' },
    { line: 'kompressor inspect *.png --format avif', does: 'what another format would save' },
  ],
  check: compressionFaults,
})
