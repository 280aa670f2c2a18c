import type { z } from 'zod'
import { compressionOptionsSchema, dataOptionsSchema, imageOptionsSchema } from '../../codec/index.ts'
import { rules } from './rules.ts'

/**
 * The options of compression as the CRD shows them. What they mean, their ranges, defaults and descriptions are those of
 * internal/codec; here stand only the rules between fields, because CEL cannot be derived from code, and the one default
 * that differs. A test holds these rules against those of internal/codec on a real API server.
 */
export const compressionSchema = compressionOptionsSchema
  .extend({
    images: imageOptionsSchema
      .safeExtend({
        // Whose bucket it is may want everything back as it was.
        metadata: imageOptionsSchema.shape.metadata
          .removeDefault()
          .default('Keep')
          .describe(imageOptionsSchema.shape.metadata.description ?? ''),
      })
      .meta(
        rules(
          {
            rule: '!(has(self.quality) && has(self.targetQuality))',
            message: 'give quality or targetQuality, not both',
          },
          {
            rule: '!has(self.targetQuality) || self.minScore <= self.targetQuality',
            message: 'minScore must not exceed targetQuality',
          },
          {
            rule: '!has(self.resize) || has(self.resize.maxWidth) || has(self.resize.maxHeight)',
            message: 'give maxWidth, maxHeight or both',
            fieldPath: '.resize',
          },
        ),
      )
      .optional()
      .describe('How to compress images. Without it images are skipped.'),
    data: dataOptionsSchema
      .meta(
        rules({
          rule:
            "!has(self.level) || (self.codec == 'Gzip' ? self.level >= 1 && self.level <= 9 : " +
            "self.codec == 'Brotli' ? self.level <= 11 : self.level >= 1)",
          message: 'levels are 1 to 19 for Zstd, 0 to 11 for Brotli and 1 to 9 for Gzip',
        }),
      )
      .optional()
      .describe('How to compress everything that is no image. Without it such files are skipped.'),
  })
  .describe('How to compress. A class of files is processed only if its block is present.')

export type Compression = z.infer<typeof compressionSchema>
