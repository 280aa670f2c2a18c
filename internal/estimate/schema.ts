import { z } from 'zod'

/** A value, and between what it is with 95 % confidence. */
export const intervalSchema = z.object({ value: z.number(), low: z.number(), high: z.number() })

const groupSchema = z.object({
  name: z.string(),
  files: z.int().nonnegative(),
  bytes: z.number().nonnegative(),
  sampled: z.int().nonnegative().describe('Files of it that were looked at.'),
  saved: intervalSchema.describe('Bytes.'),
})

const exampleSchema = z.object({
  path: z.string(),
  type: z.string().describe('Media type, from its bytes.'),
  outcome: z.enum(['compressed', 'kept_original', 'skipped']),
  reason: z.string().optional(),
  bytesIn: z.number().nonnegative(),
  bytesOut: z.number().nonnegative(),
  score: z.number().optional().describe('Estimated SSIMULACRA2 score of the output, where it was measured.'),
})

const moneySchema = z.object({
  currency: z.string(),
  monthlySavings: intervalSchema.describe('Once the originals are gone.'),
  monthlyWhileBothAreKept: z.number().nonnegative().describe('What the outputs cost beside the originals.'),
  requests: z.number().nonnegative().describe('Listing, one GET and one PUT a file.'),
  compute: intervalSchema,
  retrieval: z.number().nonnegative().describe('What the storage classes of the source take for reading.'),
  earlyDeletion: z
    .number()
    .nonnegative()
    .describe('Fee for removing originals today that are younger than their storage class wants.'),
  oldVersions: z.number().nonnegative().describe('Originals kept as old versions until they expire.'),
  oldVersionsPerDay: z.number().nonnegative().describe('The same for each day, where versions are kept.'),
  upfront: intervalSchema.describe('All that is paid once.'),
  paybackMonths: z
    .object({ value: z.number(), best: z.number(), worst: z.number().optional() })
    .optional()
    .describe(
      'Until savings have paid it back; worst is absent when it might never be, all when nothing is saved.',
    ),
})

/** What compressing would save and cost: `estimate.json`. Part of the interface: add, never rename. */
export const estimateSchema = z.object({
  version: z.literal(1),
  at: z.iso.datetime(),
  found: z.object({
    files: z.int().nonnegative(),
    bytes: z.number().nonnegative(),
    empty: z.int().nonnegative(),
  }),
  sample: z.object({
    files: z.int().nonnegative(),
    bytes: z.number().nonnegative(),
    seed: z.int(),
    coreSeconds: z.number().nonnegative(),
    unreadable: z.int().nonnegative().describe('Files that were drawn and could not be read.'),
  }),
  saved: intervalSchema.describe('Bytes.'),
  byType: z.array(groupSchema),
  byPrefix: z.array(groupSchema),
  outcomes: z
    .object({ compressed: z.number(), kept: z.number(), skipped: z.number(), failed: z.number() })
    .describe('Expected files.'),
  failures: z.array(z.object({ code: z.string(), sampled: z.int(), example: z.string() })),
  examples: z.object({ best: z.array(exampleSchema), worst: z.array(exampleSchema) }),
  coreSeconds: intervalSchema,
  duration: z.object({ replicas: z.int(), slots: z.int(), seconds: intervalSchema }),
  money: moneySchema,
})

export type Interval = z.infer<typeof intervalSchema>
export type Group = z.infer<typeof groupSchema>
export type Example = z.infer<typeof exampleSchema>
export type Money = z.infer<typeof moneySchema>
export type Estimate = z.infer<typeof estimateSchema>
