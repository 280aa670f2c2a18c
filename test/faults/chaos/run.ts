/**
 * Breaks everything for as long as you like.
 *
 *     npm run chaos -- --minutes 10 --seed 7
 */
import { parseArgs } from 'node:util'
import { runChaos } from './scenario.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '2' }, seed: { type: 'string', default: '1' } },
})
const [minutes, seed] = [Number(values.minutes), Number(values.seed)]
if (!(minutes > 0) || !Number.isInteger(seed)) {
  process.stderr.write('--minutes takes a number above 0, --seed a whole number\n')
  process.exit(2)
}
const ms = minutes * 60_000
const { found } = await runChaos({
  seed,
  filesPerStrike: 100,
  until: { ms },
  timeoutMs: 3 * ms + 600_000,
  log: (line) => process.stdout.write(`${line}\n`),
})
process.exitCode = found.length === 0 ? 0 : 1
