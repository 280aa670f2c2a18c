/**
 * Estimates buckets whose outcome is known, again and again, and counts how often the 95 % intervals hold it:
 *
 *     npm run coverage                    1000 samples of each population and size, some minutes
 *     npm run coverage -- --runs 100
 *     npm run coverage -- --write         writes docs/reference/estimate-coverage.md
 *
 * The same seeds give the same figures on every machine. Exits 1 when intervals of totals, types or sub-prefixes held less
 * often than 95 %, by more than chance explains.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Coverage, cover, monteCarloError } from './measure.ts'
import { populations } from './populations.ts'
import { coverageTable } from './table.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000' }, write: { type: 'boolean', default: false } },
})
const runs = Number(values.runs)
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs} is not a number of runs`)

const rows: Coverage[] = []
for (const [name, population] of Object.entries(populations)) {
  for (const sampleSize of [100, 400]) {
    process.stderr.write(`${name}, ${sampleSize} …\n`)
    rows.push(cover(name, population, sampleSize, runs))
  }
}
const table = coverageTable(rows)
process.stdout.write(table)

if (values.write) {
  const page = [
    '# Coverage of the estimate',
    '',
    `Written by \`npm run coverage -- --write\` with ${runs} samples of each population and size, from 20 buckets of each kind;`,
    '[Estimate](../estimate.md) says what is measured. After ± are two standard errors of the count.',
    '',
    table,
  ]
  await writeFile(new URL('../../docs/reference/estimate-coverage.md', import.meta.url), page.join('\n'))
}

const misses = rows.flatMap(({ name, sampleSize, saved, byType, byPrefix }) =>
  Object.entries({ total: saved, 'by type': byType, 'by sub-prefix': byPrefix })
    .filter(([, held]) => held.of > 0 && held.times / held.of + monteCarloError(held) < 0.95)
    .map(([what]) => `${name}, ${sampleSize}, ${what}`),
)
if (misses.length > 0) {
  process.stderr.write(`below 95 %: ${misses.join('; ')}\n`)
  process.exitCode = 1
}
