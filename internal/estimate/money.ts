import type { Ages, Sums } from './frame.ts'
import { type Prices, priceOf } from './prices.ts'
import type { Interval, Money } from './schema.ts'

export interface Spending {
  prices: Prices
  /** Files and bytes by storage class. */
  classes: ReadonlyMap<string, Sums>
  /** Expected bytes saved by storage class, and over all. */
  savedByClass: ReadonlyMap<string, number>
  saved: Interval
  coreSeconds: Interval
  ages: Ages
  /** Days that versions which are no longer current are kept; 0 where versions are not kept. */
  oldVersionDays: number
}

const GB = 1024 ** 3
const daysPerMonth = 30
const keysPerListing = 1000

/** What it comes to at these prices. Nothing is saved before the originals are removed; outputs keep the class of their source. */
export function moneyOf(spending: Spending): Money {
  const { prices, classes, saved } = spending
  let [requests, retrieval, stored] = [0, 0, 0]
  for (const [name, { files, bytes }] of classes) {
    const price = priceOf(prices, name)
    requests += (files * (price.get + price.put)) / 1000
    requests += Math.ceil(files / keysPerListing) * (priceOf(prices, 'STANDARD').put / 1000)
    retrieval += (bytes / GB) * price.retrieval
    stored += (bytes / GB) * price.storage
  }
  const rate = savingRate(spending)
  const monthlySavings = scaled(saved, rate / GB)
  const compute = scaled(spending.coreSeconds, prices.coreHour / 3600)
  const earlyDeletion = earlyDeletionFee(spending)
  const oldVersionsPerDay = stored / daysPerMonth
  const oldVersions = oldVersionsPerDay * spending.oldVersionDays
  const upfront = plus(compute, requests + retrieval + earlyDeletion + oldVersions)
  const paybackMonths = payback(upfront, monthlySavings)
  return {
    currency: 'USD',
    monthlySavings,
    monthlyWhileBothAreKept: Math.max(0, stored - monthlySavings.value),
    requests,
    compute,
    retrieval,
    earlyDeletion,
    oldVersions,
    oldVersionsPerDay,
    upfront,
    ...(paybackMonths !== undefined && { paybackMonths }),
  }
}

/** What a saved GB is worth a month: the classes' prices, weighted with what is saved in each. */
function savingRate({ prices, classes, savedByClass }: Spending): number {
  let [bytes, worth] = [0, 0]
  for (const [name, saved] of savedByClass) {
    const { storage, leastBytes } = priceOf(prices, name)
    const sums = classes.get(name)
    // A file that is billed for more than it holds costs the same when it holds less.
    const billed = sums === undefined || sums.bytes >= sums.files * leastBytes
    bytes += saved
    worth += billed ? saved * storage : 0
  }
  return bytes === 0 ? 0 : worth / bytes
}

/** For each day that is missing to its least, a file costs what storing it would have. */
function earlyDeletionFee({ prices, ages }: Spending): number {
  let fee = 0
  for (const [name, byDay] of ages) {
    const { storage, leastDays } = priceOf(prices, name)
    for (const [day, bytes] of byDay.slice(0, leastDays).entries()) {
      fee += (bytes / GB) * storage * ((leastDays - day) / daysPerMonth)
    }
  }
  return fee
}

function payback(upfront: Interval, monthly: Interval): Money['paybackMonths'] {
  if (monthly.value <= 0) return undefined
  return {
    value: upfront.value / monthly.value,
    best: upfront.low / monthly.high,
    ...(monthly.low > 0 && { worst: upfront.high / monthly.low }),
  }
}

function scaled({ value, low, high }: Interval, by: number): Interval {
  return { value: value * by, low: low * by, high: high * by }
}

function plus({ value, low, high }: Interval, more: number): Interval {
  return { value: value + more, low: low + more, high: high + more }
}
