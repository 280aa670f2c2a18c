import { z } from 'zod'
import { dataLevels } from './data/levels.ts'

/**
 * What a user may ask of compression. This schema is the one source: HTTP, CLI and CompressionJob all parse with it,
 * and their documentation is generated from it. Enumerations are spelled as in the CompressionJob and read in any case.
 */
function choice<const T extends readonly [string, ...string[]]>(values: T) {
  const canonical = (value: unknown) =>
    typeof value === 'string' ? (values.find((v) => v.toLowerCase() === value.toLowerCase()) ?? value) : value
  return z.preprocess(canonical, z.enum(values))
}

export const imageFormats = ['Keep', 'Auto', 'JPEG', 'WebP', 'AVIF', 'PNG'] as const
export const presets = ['Fast', 'Balanced', 'Small'] as const
export const metadataPolicies = ['Keep', 'Copyright', 'Strip'] as const
export const dataCodecs = ['Auto', 'Zstd', 'Brotli', 'Gzip'] as const

export const imageOptionsSchema = z
  .strictObject({
    format: choice(imageFormats)
      .default('Keep')
      .describe(
        'Format of the output. Keep stays with the input; Auto picks the smallest that fits the content.',
      ),
    preset: choice(presets)
      .default('Balanced')
      .describe(
        'Fast uses fixed qualities; Balanced finds the quality each image needs; Small also spends more effort.',
      ),
    quality: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe("The codec's own quality number, fixed. Excludes targetQuality."),
    targetQuality: z
      .number()
      .min(30)
      .max(95)
      .optional()
      .describe(
        'The score to reach on the SSIMULACRA2 scale, 0-100. 75 when neither this nor quality is given.',
      ),
    minScore: z
      .number()
      .min(0)
      .max(95)
      .default(65)
      .describe(
        'Floor of every output whose score is measured; below it the file is encoded higher or kept.',
      ),
    maxBytes: z.int().min(1).optional().describe('Largest permitted output in bytes.'),
    resize: z
      .strictObject({
        maxWidth: z.int().min(1).max(65_535).optional().describe('Pixels.'),
        maxHeight: z.int().min(1).max(65_535).optional().describe('Pixels.'),
      })
      .refine((r) => r.maxWidth !== undefined || r.maxHeight !== undefined, {
        message: 'give maxWidth, maxHeight or both',
      })
      .optional()
      .describe('Shrinks to fit, keeping the aspect ratio; never enlarges.'),
    metadata: choice(metadataPolicies)
      .default('Copyright')
      .describe(
        'Keep leaves all; Copyright keeps author and copyright; Strip removes both. Orientation and colour profile are honoured always.',
      ),
  })
  .refine((o) => o.quality === undefined || o.targetQuality === undefined, {
    message: 'give quality or targetQuality, not both',
    path: ['targetQuality'],
  })
  .refine((o) => o.targetQuality === undefined || o.minScore <= o.targetQuality, {
    message: 'minScore must not exceed targetQuality',
    path: ['minScore'],
  })

export const dataOptionsSchema = z
  .strictObject({
    codec: choice(dataCodecs).default('Auto').describe('Auto is Zstd.'),
    level: z.int().min(0).max(19).optional().describe('Zstd 1-19, Brotli 0-11, Gzip 1-9.'),
    as: choice(['Extension', 'ContentEncoding'])
      .default('Extension')
      .describe('Extension appends .zst, .br or .gz; ContentEncoding keeps the name and sets the header.'),
  })
  .superRefine((o, ctx) => {
    const codec = o.codec === 'Auto' ? 'Zstd' : o.codec
    const { min, max } = dataLevels[codec]
    if (o.level !== undefined && (o.level < min || o.level > max)) {
      ctx.addIssue({ code: 'custom', path: ['level'], message: `${codec} levels are ${min} to ${max}` })
    }
  })

/** A class of content is processed only when its block is present; the others are skipped. */
export const compressionOptionsSchema = z.strictObject({
  images: imageOptionsSchema.optional(),
  data: dataOptionsSchema.optional(),
  minSavingsPercent: z
    .number()
    .min(0)
    .max(99)
    .default(5)
    .describe('Outputs that save less than this are discarded and the original is kept.'),
})

export type CompressionOptions = z.infer<typeof compressionOptionsSchema>
export type CompressionOptionsInput = z.input<typeof compressionOptionsSchema>
export type ImageOptions = z.infer<typeof imageOptionsSchema>
export type DataOptions = z.infer<typeof dataOptionsSchema>

/** What is done when nobody asks for anything in particular: images and data, both with their defaults. */
export const defaultOptions: CompressionOptions = compressionOptionsSchema.parse({ images: {}, data: {} })
