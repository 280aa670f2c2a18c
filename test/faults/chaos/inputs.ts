import { describeInput, type Input, makeInput } from '../../crash/inputs.ts'
import { fixtures } from '../../fixtures/index.ts'

/** One of so many files takes several parts to be uploaded. */
const largeEvery = 60
const size = { width: 320, height: 240 }

/** Small photographs and logs, a few that are broken, a few that are large. */
export async function makeChaosInput(seed: number): Promise<Input> {
  if (seed % largeEvery !== largeEvery - 1) return makeInput(seed, size)
  const piece = fixtures.log({ seed, bytes: 64 * 1024 })
  return describeInput(`large-${seed}.txt`, 'data', Buffer.concat(Array.from({ length: 160 }, () => piece)))
}
