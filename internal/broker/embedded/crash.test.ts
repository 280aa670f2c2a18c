import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { expect, it, onTestFinished } from 'vitest'
import { takeRecords, until } from '../contract/fixture.ts'
import { createEmbeddedBroker } from './broker.ts'

/** The whole lines of a ledger: the last one may be cut by the kill. */
function readLedger(file: string): string[][] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
}

async function liveAndDie(dataDir: string, ledgerFile: string, acknowledgements: number): Promise<void> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'crash-child.ts'), dataDir, ledgerFile],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const exited = once(child, 'exit')
  const before = readLedger(ledgerFile).filter(([what]) => what === 'acked').length
  try {
    await until(
      'the child has worked for a while',
      () => {
        if (child.exitCode !== null) throw new Error(`the child ended by itself with ${child.exitCode}`)
        return readLedger(ledgerFile).filter(([what]) => what === 'acked').length >= before + acknowledgements
      },
      60_000,
    )
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}

it('keeps what it acknowledged and committed when its process is killed at work', {
  timeout: 180_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kompressor-broker-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const dataDir = join(directory, 'data')
  const ledgerFile = join(directory, 'ledger')
  for (const acknowledgements of [150, 400]) await liveAndDie(dataDir, ledgerFile, acknowledgements)

  const ledger = readLedger(ledgerFile)
  const acked = new Map<string, string>()
  const committed = new Map<string, bigint>()
  /** What earlier lives had committed, and how often they had started a record. */
  let bound = new Map<string, bigint>()
  let startsBefore = new Map<string, number>()
  const starts = new Map<string, number>()
  let handedAgain = 0
  for (const [what, partition = '', offset = '', more = ''] of ledger) {
    const position = `${partition}/${offset}`
    if (what === 'life') {
      bound = new Map(committed)
      startsBefore = new Map(starts)
    }
    if (what === 'acked') acked.set(position, more)
    if (what === 'committed') committed.set(partition, BigInt(offset))
    if (what === 'started') starts.set(position, (starts.get(position) ?? 0) + 1)
    if (what === 'handed') {
      expect(BigInt(offset)).toBeGreaterThanOrEqual(bound.get(partition) ?? 0n)
      if (startsBefore.has(position)) handedAgain += 1
      // A start may be journalled without its line, never the other way round.
      expect(Number(more)).toBeGreaterThanOrEqual(startsBefore.get(position) ?? 0)
    }
  }
  expect(acked.size).toBeGreaterThanOrEqual(550)
  expect(starts.size).toBeGreaterThan(100)
  expect([...bound.values()].some((offset) => offset > 0n)).toBe(true)
  expect(handedAgain).toBeGreaterThan(0)

  const db = await PGlite.create(dataDir)
  onTestFinished(() => db.close())
  const broker = await createEmbeddedBroker({ db })
  const before = await broker.lag('g', 'log')
  for (const { partition, committed: position } of before) {
    expect(position).toBeGreaterThanOrEqual(committed.get(String(partition)) ?? 0n)
  }
  const total = before.reduce((sum, { end }) => sum + Number(end), 0)
  const log = await takeRecords(broker, { topic: 'log', group: 'audit', count: total })
  const values = new Map(log.map(({ partition, offset, value }) => [`${partition}/${offset}`, value]))
  expect(values.size).toBe(total)
  for (const [position, value] of acked) expect(values.get(position)).toBe(value)

  const undone = before.reduce((sum, { lag }) => sum + lag, 0)
  expect(await takeRecords(broker, { topic: 'log', group: 'g', count: undone })).toHaveLength(undone)
  expect((await broker.lag('g', 'log')).map(({ lag }) => lag)).toEqual([0, 0, 0])
  await broker.close()
})
