import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { describeServices, services } from '../../../test/support/services.ts'

const run = promisify(execFile)

describeServices('idle consumers', () => {
  it('take less than half the processor time kafkajs would take', async () => {
    const fixture = path.join(import.meta.dirname, 'idle.fixture.ts')
    const spent = async (mode: string) =>
      Number((await run(process.execPath, [fixture, services().kafkaBrokers.join(','), mode])).stdout)
    const [quiet, loud] = await Promise.all([spent('quiet'), spent('loud')])
    // Measured: 0.18 to 0.23.
    expect(quiet / loud).toBeLessThan(0.5)
  })
})
