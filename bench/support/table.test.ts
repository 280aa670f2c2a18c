import { expect, test } from 'vitest'
import { reportTables } from './table.ts'

const machine = { cpu: 'AMD EPYC', cores: 2, memoryGiB: 24, node: 'v24.21.0', sharp: '0.35.5' }
const bench = (what: string, met: boolean, on = machine) => ({
  date: '2026-11-22T22:48:00.000Z',
  machine: on,
  rows: [{ what, measured: '100 ms', values: { ms: 100 }, bar: 'at most 400 ms', met }],
})

test('a report is a table for each machine, that says what is not met', () => {
  const elsewhere = { ...machine, cpu: 'Ampere Altra', cores: 64 }
  const report = {
    startup: bench('start', true),
    folds: bench('folds', false, elsewhere),
    memory: bench('memory', true),
  }
  expect(reportTables(report)).toBe(`On AMD EPYC, 2 cores, 24 GiB, Node v24.21.0, sharp 0.35.5:

| what | measured | bar | met |
| --- | --- | --- | --- |
| start | 100 ms | at most 400 ms | yes |
| memory | 100 ms | at most 400 ms | yes |

On Ampere Altra, 64 cores, 24 GiB, Node v24.21.0, sharp 0.35.5:

| what | measured | bar | met |
| --- | --- | --- | --- |
| folds | 100 ms | at most 400 ms | not yet |
`)
})
