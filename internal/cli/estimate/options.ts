import {
  type ConfigOf,
  compressionOptions,
  defineOptions,
  duration,
  flag,
  integer,
  option,
  optional,
  path,
  type ValueType,
} from '../../config/index.ts'
import { KompressorError } from '../../errors/index.ts'
import { listPrices, type Prices } from '../../estimate/index.ts'
import { compressionFlags } from '../options/compression.ts'

const { slots, memoryLimit, maxFileSize, maxPixels } = compressionOptions

const usd: ValueType<number> = {
  hint: '<usd>',
  parse: (given) => {
    const value = given.trim() === '' ? Number.NaN : Number(given)
    if (!Number.isFinite(value) || value < 0) {
      throw new KompressorError('invalid_configuration', 'must be an amount of at least 0, such as 0.023')
    }
    return value
  },
  format: String,
}

const standard = listPrices.classes.STANDARD
if (standard === undefined) throw new Error('list prices without STANDARD')

/** What the estimate of a folder and that of a bucket have in common. */
export const estimateOptions = defineOptions({
  sample: option(integer({ min: 10, max: 100_000 }), {
    short: 'n',
    default: 400,
    doc: 'Files that are looked at. Four times as many make intervals half as wide. As many as there are if those are fewer.',
  }),
  seed: option(integer({ min: 0, max: 2 ** 31 - 1 }), {
    default: 1,
    doc: 'The same seed looks at the same files.',
  }),
  replicas: option(integer({ min: 1, max: 10_000 }), {
    default: 1,
    doc: 'Workers that the duration is predicted for.',
  }),
  replicaSlots: optional(integer({ min: 1, max: 1024 }), {
    otherwise: '--slots',
    doc: 'Files that each of them compresses at the same time.',
  }),
  priceStorage: option(usd, {
    default: standard.storage,
    doc: 'A GiB in STANDARD for a month. Defaults are list prices of AWS in us-east-1 (docs/estimate.md).',
  }),
  priceGet: option(usd, { default: standard.get, doc: 'A thousand GET requests.' }),
  pricePut: option(usd, { default: standard.put, doc: 'A thousand PUT requests.' }),
  priceCoreHour: option(usd, { default: listPrices.coreHour, doc: 'A core for an hour.' }),
  oldVersions: optional(duration(), {
    otherwise: 'versions are not kept',
    doc: 'How long a versioned bucket keeps originals that were removed: until then they cost what they did.',
  }),
  examples: optional(path('<folder>'), {
    otherwise: 'none are written',
    doc: 'Writes the best and the worst files of the sample there, before and after, to be laid side by side.',
  }),
  ...compressionFlags,
  slots,
  memoryLimit,
  maxFileSize,
  maxPixels,
  json: flag({ doc: 'Write the estimate as one line of JSON (docs/estimate.md).' }),
  quiet: flag({ doc: 'Show no progress.' }),
})

type EstimateConfig = ConfigOf<typeof estimateOptions>

export function pricesOf(config: EstimateConfig): Prices {
  const { classes } = listPrices
  const own = { storage: config.priceStorage, get: config.priceGet, put: config.pricePut }
  return {
    classes: { ...classes, STANDARD: { retrieval: 0, leastDays: 0, leastBytes: 0, ...own } },
    coreHour: config.priceCoreHour,
  }
}
