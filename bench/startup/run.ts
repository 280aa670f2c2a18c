import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startService } from '../../test/support/service.ts'
import { cpuSeconds } from '../support/process-stats.ts'
import type { BenchOptions, Row } from '../support/result.ts'

/** How long a start takes, with and without a database to make, and what an idle service costs. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-bench-'))
  const dataDir = join(folder, 'data')
  try {
    const first = await timedStart(dataDir)
    await first.service.stop()
    const later = await timedStart(dataDir)
    const idle = await idleShare(later.service.pid, short ? 2 : 30)
    await later.service.stop()
    return [
      row('first start to ready', first.seconds, 8, 's'),
      row('later start to ready', later.seconds, 4, 's'),
      row('CPU of an idle service, its processes included', idle * 100, 1, '% of a core'),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function timedStart(dataDir: string) {
  const started = performance.now()
  const service = await startService({ dataDir })
  return { service, seconds: (performance.now() - started) / 1000 }
}

async function idleShare(pid: number, seconds: number): Promise<number> {
  // The first seconds still belong to the start: the pool warms its children up.
  await delay(5_000)
  const started = performance.now()
  const before = cpuSeconds(pid)
  await delay(seconds * 1_000)
  return (cpuSeconds(pid) - before) / ((performance.now() - started) / 1000)
}

function row(what: string, value: number, limit: number, unit: string): Row {
  return {
    what,
    measured: `${value.toFixed(2)} ${unit}`,
    values: { value },
    bar: `under ${limit} ${unit}`,
    met: value < limit,
  }
}
