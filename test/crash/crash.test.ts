import { expect, test } from 'vitest'
import { findings } from './findings.ts'
import { runScenario } from './scenario.ts'

const seed = Number(process.env.KOMPRESSOR_SEED ?? Date.now() % 1_000_000)
const settings = { files: 200, kills: 10, seed, timeoutMs: 240_000 }

test(`nothing accepted is lost when the service is killed ten times (KOMPRESSOR_SEED=${seed})`, async () => {
  const aftermath = await runScenario(settings)
  expect(await findings(aftermath)).toEqual([])
  expect(aftermath).toMatchObject({ blobs: aftermath.keys.length, scratch: 0 })
  expect(aftermath.killsInFlight).toBeGreaterThanOrEqual(5)
}, 300_000)

test('the same test finds what is lost when commits are not durable', async () => {
  const lossy = runScenario({
    ...settings,
    files: 60,
    kills: 4,
    args: ['--durability', 'off'],
    timeoutMs: 60_000,
  })
  // Either the client is told that its batch does not exist, or the books at the end do not balance.
  const found = await lossy.then(findings, (error: unknown) => [String(error)])
  expect(found.join('\n')).toMatch(/batch_not_found|is gone|was accepted|ended 0 times|not every input/)
}, 120_000)
