import path from 'node:path'
import { expect, test } from 'vitest'
import { describeOwnServices } from '../../support/services.ts'
import { runChaos } from './scenario.ts'
import { strikes } from './strikes.ts'

const seed = Number(process.env.KOMPRESSOR_SEED ?? 1)
const log = (line: string) => process.stderr.write(`chaos: ${line}\n`)

describeOwnServices('two APIs and three workers while everything they stand on breaks', () => {
  test(`lose nothing, repeat nothing and leave nothing behind (KOMPRESSOR_SEED=${seed})`, async () => {
    const all = Object.keys(strikes)
    const until = { strikes: all.length }
    const outcome = await runChaos({ seed, filesPerStrike: 50, until, timeoutMs: 1_200_000, log })
    expect(outcome.found).toEqual([])
    expect(new Set(outcome.strikes)).toEqual(new Set(all))
    expect(outcome.files).toBe(50 * all.length)
  }, 1_300_000)

  test('the same suite finds what is lost when offsets are committed before the work', async () => {
    const outcome = await runChaos({
      seed,
      apis: 1,
      workers: 1,
      apiArgs: ['--roles', 'http,relay,projector'],
      workerEnv: { NODE_OPTIONS: `--import ${path.join(import.meta.dirname, 'hasty.ts')}` },
      filesPerStrike: 40,
      until: { strikes: 1 },
      only: 'a worker is killed',
      timeoutMs: 600_000,
    })
    expect(outcome.found.join('\n')).toMatch(/files are given out and nobody has them/)
  }, 700_000)
})
