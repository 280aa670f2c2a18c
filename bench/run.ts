/**
 * Measures what the README claims about speed and memory:
 *
 *     npm run bench                       everything but quality, about ten minutes
 *     npm run bench -- latency startup    some of it
 *     npm run bench -- quality            the quality search against the real SSIMULACRA2 (needs cargo)
 *     npm run bench -- --short            whether the benches work, and the ratios are not far off: exits 1 if they are
 *
 * Prints a table and puts it, with the machine, into bench/results.json, where benches that did not run keep their figures.
 * Otherwise exits 0 whatever the figures are: machines differ and are busy. Ratios come from one run, their sides taken in
 * turn.
 */
import { availableParallelism, cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { writeReport } from './support/report.ts'
import type { BenchOptions, Row } from './support/result.ts'
import { rowsTable } from './support/table.ts'

type Bench = (options: BenchOptions) => Promise<Row[]>

const benches: Record<string, () => Promise<{ run: Bench }>> = {
  throughput: () => import('./throughput/run.ts'),
  latency: () => import('./latency/run.ts'),
  memory: () => import('./memory/run.ts'),
  startup: () => import('./startup/run.ts'),
  batch: () => import('./batch/run.ts'),
  planning: () => import('./planning/run.ts'),
  worker: () => import('./worker/run.ts'),
  soak: () => import('./soak/run.ts'),
  accept: () => import('./accept/run.ts'),
  lanes: () => import('./lanes/run.ts'),
  cancel: () => import('./cancel/run.ts'),
  folds: () => import('./folds/run.ts'),
  operator: () => import('./operator/run.ts'),
  reference: () => import('./reference/run.ts'),
}

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean', default: false } },
  allowPositionals: true,
})
if (positionals.includes('quality')) {
  const { run } = await import('./quality/run.ts')
  await run()
} else {
  await runAll(positionals.length > 0 ? positionals : Object.keys(benches))
}

async function runAll(names: readonly string[]): Promise<void> {
  const results: Record<string, Row[]> = {}
  for (const name of names) {
    const load = benches[name]
    if (load === undefined) {
      process.stderr.write(
        `there is no bench ${name}; there are ${Object.keys(benches).join(', ')}, quality\n`,
      )
      process.exitCode = 2
      return
    }
    process.stderr.write(`${name} …\n`)
    const { run } = await load()
    const rows = await run({ short: values.short })
    results[name] = rows
    for (const row of rows) process.stderr.write(`  ${row.what}: ${row.measured}\n`)
  }
  process.stdout.write(rowsTable(Object.values(results).flat()))
  if (values.short) {
    if (
      Object.values(results)
        .flat()
        .some((row) => row.holds === false)
    )
      process.exitCode = 1
    return
  }
  const date = new Date().toISOString()
  const report = Object.entries(results).map(([name, rows]) => [name, { date, machine: machine(), rows }])
  await writeReport(new URL('./results.json', import.meta.url), Object.fromEntries(report))
}

function machine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
    sharp: sharp.versions.sharp,
    libvips: sharp.versions.vips,
  }
}
