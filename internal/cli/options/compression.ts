import type { z } from 'zod'
import { type CompressionOptions, compressionOptionsSchema } from '../../codec/index.ts'
import {
  type ConfigOf,
  defineOptions,
  flag,
  oneOf,
  option,
  optional,
  size,
  type ValueType,
} from '../../config/index.ts'
import { KompressorError } from '../../errors/index.ts'

/*
 * The flags for what the API and the CompressionJob call compression options. Values are only read here; what is
 * allowed, and what it means, is the schema's to say.
 */

const { images, data, minSavingsPercent } = compressionOptionsSchema.shape
const image = images.unwrap().shape
const resize = image.resize.unwrap().shape
const datum = data.unwrap().shape

/** Any number; the schema knows the range. */
const number: ValueType<number> = {
  hint: '<number>',
  parse: (given) => {
    const value = given.trim() === '' ? Number.NaN : Number(given)
    if (!Number.isFinite(value)) throw new KompressorError('invalid_configuration', 'must be a number')
    return value
  },
  format: String,
}

/** What the schema says of an option, in the words of the command line. */
function doc(schema: z.ZodType): string {
  return inFlags(schema.description ?? '')
}

function inFlags(text: string): string {
  const flags: Record<string, string> = { minScore: '--min-score', targetQuality: '--target-quality' }
  return text.replace(/\b(minScore|targetQuality)\b/g, (name) => flags[name] ?? name)
}

export const compressionFlags = defineOptions({
  format: option(oneOf(['Keep', 'Auto', 'JPEG', 'WebP', 'AVIF', 'PNG']), {
    short: 'f',
    default: 'Keep',
    doc: doc(image.format),
  }),
  preset: option(oneOf(['Fast', 'Balanced', 'Small']), { default: 'Balanced', doc: doc(image.preset) }),
  quality: optional(number, { short: 'q', doc: `1 to 100. ${doc(image.quality)}` }),
  targetQuality: optional(number, { doc: `30 to 95. ${doc(image.targetQuality)}` }),
  minScore: optional(number, {
    otherwise: '65, or --target-quality when that is lower',
    doc: `0 to 95. ${doc(image.minScore)}`,
  }),
  maxBytes: optional(size({ min: 1 }), { doc: doc(image.maxBytes) }),
  maxWidth: optional(number, { doc: `${doc(resize.maxWidth)} ${doc(image.resize)}` }),
  maxHeight: optional(number, { doc: `${doc(resize.maxHeight)} ${doc(image.resize)}` }),
  metadata: option(oneOf(['Keep', 'Copyright', 'Strip']), { default: 'Keep', doc: doc(image.metadata) }),
  minSavings: option(number, { default: 5, doc: `Percent. ${doc(minSavingsPercent)}` }),
  dataCodec: option(oneOf(['Auto', 'Zstd', 'Brotli', 'Gzip']), { default: 'Auto', doc: doc(datum.codec) }),
  dataLevel: optional(number, {
    otherwise: 'Zstd 9, Brotli 5, Gzip 6',
    doc: `Effort of the data codec. ${doc(datum.level)}`,
  }),
  dataAs: option(oneOf(['Extension', 'ContentEncoding']), { default: 'Extension', doc: doc(datum.as) }),
  images: flag({ default: true, doc: 'Compress images; --no-images leaves them as they are.' }),
  data: flag({
    default: true,
    doc: 'Compress what is not an image, without loss; --no-data leaves it as it is.',
  }),
})

type CompressionFlags = ConfigOf<typeof compressionFlags>

/** The options the flags stand for, as the schema takes them. */
function asInput(flags: CompressionFlags): Record<string, unknown> {
  const { format, preset, quality, targetQuality, maxBytes, maxWidth, maxHeight, metadata } = flags
  // The default floor is for whoever names no target; a lower target means a lower floor.
  const minScore =
    flags.minScore ?? (targetQuality !== undefined && targetQuality < 65 ? targetQuality : undefined)
  const resizing = maxWidth !== undefined || maxHeight !== undefined ? { maxWidth, maxHeight } : undefined
  return defined({
    images: flags.images
      ? defined({
          format,
          preset,
          quality,
          targetQuality,
          minScore,
          maxBytes,
          resize: resizing && defined(resizing),
          metadata,
        })
      : undefined,
    data: flags.data
      ? defined({ codec: flags.dataCodec, level: flags.dataLevel, as: flags.dataAs })
      : undefined,
    minSavingsPercent: flags.minSavings,
  })
}

function defined(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

const flagOfPath: Record<string, string> = {
  'images.format': '--format',
  'images.preset': '--preset',
  'images.quality': '--quality',
  'images.targetQuality': '--target-quality',
  'images.minScore': '--min-score',
  'images.maxBytes': '--max-bytes',
  'images.resize.maxWidth': '--max-width',
  'images.resize.maxHeight': '--max-height',
  'images.metadata': '--metadata',
  minSavingsPercent: '--min-savings',
  'data.codec': '--data-codec',
  'data.level': '--data-level',
  'data.as': '--data-as',
}

/** What the schema has against the flags, one sentence each. */
export function compressionFaults(flags: CompressionFlags): string[] {
  if (!flags.images && !flags.data) return ['--no-images and --no-data together leave nothing to compress']
  return compressionOptionsSchema.safeParse(asInput(flags)).error?.issues.map(faultText) ?? []
}

type Issue = z.core.$ZodIssue

function faultText(issue: Issue): string {
  const flag = flagOfPath[issue.path.join('.')] ?? issue.path.join('.')
  return `${flag} ${expected(issue)}`
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'too_big':
      return `must be at most ${issue.maximum}`
    case 'too_small':
      return `must be at least ${issue.minimum}`
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`
    default:
      // Written in the schema, in its own names.
      return `is not possible: ${inFlags(issue.message).replace(/^give quality\b/, 'give --quality')}`
  }
}

/** The options the flags stand for. Call after `compressionFaults` found none. */
export function toCompressionOptions(flags: CompressionFlags): CompressionOptions {
  return compressionOptionsSchema.parse(asInput(flags))
}
