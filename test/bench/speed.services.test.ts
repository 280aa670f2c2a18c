import { expect, test } from 'vitest'
import { run } from '../../bench/worker/run.ts'
import { describeServices, services } from '../support/services.ts'

describeServices('a worker', () => {
  test('takes about the CPU of bare sharp for files from S3 to S3, and keeps its slots busy', async () => {
    const rows = await run({ short: true, addresses: services() })
    expect(rows).toHaveLength(2)
    for (const row of rows) expect(row).toMatchObject({ holds: true })
  }, 600_000)
})
