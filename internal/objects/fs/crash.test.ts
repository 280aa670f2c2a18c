import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createFsObjectStore } from './store.ts'
import { expectConsistent } from './testing/inspect.ts'
import { type LedgerLine, versionBytes } from './testing/ledger.ts'

const writer = join(import.meta.dirname, 'testing/crash-writer.ts')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-crash-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function readLedger(path: string): Promise<LedgerLine[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line))
}

/** Per key, the version last acknowledged and, if a call was under way, the version it was about to make. */
function possibleVersions(lines: readonly LedgerLine[]): Map<string, (number | null)[]> {
  const possible = new Map<string, (number | null)[]>()
  for (const line of lines) {
    if (line.state === 'done') possible.set(line.key, [line.version])
    if (line.state === 'started')
      possible.set(line.key, [...(possible.get(line.key) ?? [null]), line.version])
  }
  return possible
}

async function writeUntilKilled(root: string, ledger: string, calls: number): Promise<void> {
  const child = spawn(process.execPath, [writer, root, ledger], { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  try {
    await vi.waitFor(async () => expect((await readLedger(ledger)).length).toBeGreaterThan(calls), {
      timeout: 20_000,
      interval: 1,
    })
  } finally {
    child.kill('SIGKILL')
  }
  expect(await exited).toEqual([null, 'SIGKILL'])
}

test('whenever the process is killed, acknowledged objects are whole and nothing else is left', {
  timeout: 120_000,
}, async () => {
  const root = join(folder, 'store')
  const ledger = join(folder, 'ledger')
  let lines = 0
  for (let round = 0; round < 6; round++) {
    await writeUntilKilled(root, ledger, lines + Math.floor(Math.random() * 300))
    const noted = await readLedger(ledger)
    lines = noted.length

    const store = await createFsObjectStore({
      root,
      secret: 'a secret of the tests',
      publicUrl: 'http://localhost',
    })
    const { pointers } = await expectConsistent(root)
    const possible = possibleVersions(noted)
    expect(pointers.filter((pointer) => !possible.has(pointer.key))).toEqual([])
    for (const [key, versions] of possible) {
      const allowed = versions.map((version) =>
        version === null ? '' : Buffer.concat(versionBytes(version)).toString(),
      )
      const found = (await store.head(key)) && (await buffer((await store.get(key)).body)).toString()
      expect(allowed.includes(found ?? ''), `${key} is one of ${versions}`).toBe(true)
    }
    await store.close()
  }
})
