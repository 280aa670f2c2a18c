import { expect, test } from 'vitest'
import { moneyOf, type Spending } from './money.ts'
import { listPrices } from './prices.ts'

const GB = 1024 ** 3
const exactly = (value: number) => ({ value, low: value, high: value })

function spending(over: Partial<Spending> = {}): Spending {
  return {
    prices: listPrices,
    classes: new Map([['STANDARD', { files: 1_000_000, bytes: 1000 * GB, predictedMs: 0 }]]),
    savedByClass: new Map([['STANDARD', 400 * GB]]),
    saved: { value: 400 * GB, low: 300 * GB, high: 500 * GB },
    coreSeconds: exactly(36_000),
    ages: new Map(),
    oldVersionDays: 0,
    ...over,
  }
}

/** A bucket of 100 GB in one class, all written as many days ago. */
function aged(storageClass: string, days: number, files = 1000): Spending {
  const bytes = new Array<number>(181).fill(0)
  bytes[days] = 100 * GB
  return spending({
    classes: new Map([[storageClass, { files, bytes: 100 * GB, predictedMs: 0 }]]),
    savedByClass: new Map([[storageClass, 50 * GB]]),
    saved: exactly(50 * GB),
    ages: new Map([[storageClass, bytes]]),
  })
}

test('a saved GB saves its price, and each file costs a read and a write', () => {
  const money = moneyOf(spending())
  expect(money.monthlySavings.value).toBeCloseTo(9.2, 6)
  expect(money.monthlySavings.low).toBeCloseTo(6.9, 6)
  // 5.00 for a million PUTs, 0.40 for as many GETs, and a thousand listings for half a cent.
  expect(money.requests).toBeCloseTo(5.405, 6)
  expect(money.compute.value).toBeCloseTo(0.425, 6)
  expect(money.upfront.value).toBeCloseTo(5.83, 6)
  expect(money.paybackMonths?.value).toBeCloseTo(5.83 / 9.2, 6)
  expect(money.paybackMonths?.worst).toBeCloseTo(5.83 / 6.9, 6)
  // 1000 GB less 400: what outputs cost while their originals are still there.
  expect(money.monthlyWhileBothAreKept).toBeCloseTo(13.8, 6)
})

test('old versions cost what the originals do until they expire', () => {
  const money = moneyOf(spending({ oldVersionDays: 60 }))
  expect(money.oldVersionsPerDay).toBeCloseTo(23 / 30, 6)
  expect(money.oldVersions).toBeCloseTo(46, 6)
  expect(money.upfront.value).toBeCloseTo(51.83, 6)
})

test.each([
  ['STANDARD', 1, 0],
  ['STANDARD_IA', 10, 100 * 0.0125 * (20 / 30)],
  ['STANDARD_IA', 30, 0],
  ['GLACIER_IR', 0, 100 * 0.004 * 3],
  ['GLACIER_IR', 89, (100 * 0.004) / 30],
  ['GLACIER_IR', 90, 0],
])('%s after %i days costs a fee of %d to be removed', (storageClass, days, fee) => {
  expect(moneyOf(aged(storageClass, days)).earlyDeletion).toBeCloseTo(fee, 8)
})

test('reading the infrequently read costs by the GB', () => {
  expect(moneyOf(aged('STANDARD_IA', 40)).retrieval).toBeCloseTo(1, 8)
  expect(moneyOf(aged('STANDARD', 40)).retrieval).toBe(0)
})

test('files that are billed for more than they hold save nothing by holding less', () => {
  expect(moneyOf(aged('STANDARD_IA', 40, 10_000_000)).monthlySavings.value).toBe(0)
})

test('where nothing is saved nothing is paid back', () => {
  const money = moneyOf(spending({ saved: exactly(0), savedByClass: new Map() }))
  expect(money.paybackMonths).toBeUndefined()
  expect(moneyOf(spending({ saved: { value: GB, low: 0, high: GB } })).paybackMonths?.worst).toBeUndefined()
})
