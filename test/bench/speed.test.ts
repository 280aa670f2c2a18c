import { expect, test } from 'vitest'
import { run } from '../../bench/throughput/run.ts'

test('a file that comes over HTTP costs about what bare sharp takes for it', async () => {
  const rows = await run({ short: true })
  expect(rows).toHaveLength(2)
  for (const row of rows) expect(row).toMatchObject({ holds: true })
}, 600_000)
