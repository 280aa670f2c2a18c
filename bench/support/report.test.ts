import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { type Report, writeReport } from './report.ts'

const machine = { cpu: 'AMD EPYC', cores: 2 }
const measured = (ms: number, on = machine) => ({
  date: `2026-11-22T22:48:00.${ms}Z`,
  machine: on,
  rows: [{ what: 'start', measured: `${ms} ms`, values: { ms }, bar: 'at most 400 ms', met: true }],
})

async function written(...reports: Report[]): Promise<unknown> {
  const file = pathToFileURL(join(await mkdtemp(join(tmpdir(), 'kompressor-report-')), 'results.json'))
  for (const report of reports) await writeReport(file, report)
  return JSON.parse(await readFile(file, 'utf8'))
}

test('a run of some benches leaves the figures of the others, with their machine', async () => {
  const all = {
    startup: measured(100, { ...machine, cores: 64 }),
    folds: measured(200, { ...machine, cores: 64 }),
  }
  const some = { folds: measured(300) }
  expect(await written(all, some)).toEqual({
    startup: measured(100, { ...machine, cores: 64 }),
    folds: measured(300),
  })
})
