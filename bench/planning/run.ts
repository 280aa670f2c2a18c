import type { BenchOptions, Row } from '../support/result.ts'
import { measurePlanning } from './plan.ts'

const MB = 1e6

/** Planning ten million objects: memory, and what the database has to hold before any of the work is done. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const { objects, chunks, seconds, databaseBytes, memoryGrowth } = await measurePlanning(
    short ? 50_000 : 10_000_000,
  )
  const growth = memoryGrowth / MB
  return [
    {
      what: `database of a plan of ${objects} objects`,
      measured: `${(databaseBytes / MB).toFixed(0)} MB in ${chunks} chunks (${(databaseBytes / objects).toFixed(0)} bytes an object)`,
      values: { objects, chunks, databaseBytes, bytesPerObject: databaseBytes / objects },
      bar: 'at most 1 GB for 10 million',
      met: databaseBytes / objects <= 100,
    },
    {
      what: `growth of the planner's memory, database included, over the second half of ${objects} objects`,
      measured: `${growth.toFixed(0)} MB, at ${Math.round(objects / seconds)} objects/s`,
      values: { growthMB: growth, objectsPerSecond: objects / seconds },
      bar: 'at most 100 MB',
      met: growth <= 100,
    },
  ]
}
