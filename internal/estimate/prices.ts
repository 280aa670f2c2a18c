/** What a storage class costs, USD. GB are 2^30 bytes, as they are billed. */
export interface StorageClassPrice {
  /** A GB and month. */
  storage: number
  /** A thousand. */
  get: number
  put: number
  /** Reading a GB. */
  retrieval: number
  /** Days that are paid for at least. */
  leastDays: number
  /** Bytes that are paid for at least. */
  leastBytes: number
}

export interface Prices {
  classes: Readonly<Record<string, StorageClassPrice>>
  /** One core for an hour. */
  coreHour: number
}

const standard = { get: 0.0004, put: 0.005, retrieval: 0, leastDays: 0, leastBytes: 0 }
const KiB128 = 128 * 1024

/**
 * List prices of AWS in us-east-1 as published during 2025, first tier, without discounts: aws.amazon.com/s3/pricing, and an
 * hour of a c6i.large on demand (0.085) for each of its two cores. They are a start: `--price-…` and the manifest take yours.
 */
export const listPrices: Prices = {
  classes: {
    STANDARD: { ...standard, storage: 0.023 },
    INTELLIGENT_TIERING: { ...standard, storage: 0.023 },
    REDUCED_REDUNDANCY: { ...standard, storage: 0.024 },
    STANDARD_IA: {
      storage: 0.0125,
      get: 0.001,
      put: 0.01,
      retrieval: 0.01,
      leastDays: 30,
      leastBytes: KiB128,
    },
    ONEZONE_IA: { storage: 0.01, get: 0.001, put: 0.01, retrieval: 0.01, leastDays: 30, leastBytes: KiB128 },
    GLACIER_IR: { storage: 0.004, get: 0.01, put: 0.02, retrieval: 0.03, leastDays: 90, leastBytes: KiB128 },
  },
  coreHour: 0.0425,
}

/** The price of a class; one nobody knows is taken for STANDARD. */
export function priceOf({ classes }: Prices, storageClass: string): StorageClassPrice {
  const found = classes[storageClass] ?? classes.STANDARD
  if (found === undefined) throw new Error('prices without STANDARD')
  return found
}
