import { fork } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { poolHarness } from './fixtures/harness.ts'

const { start, file, heldFile, exits, left, writers, atWork } = poolHarness()

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('recycling', () => {
  it('replaces a child after its number of files, without a file having to wait for the new one', async () => {
    const pool = start({ maxFilesPerChild: 3 })
    const request = await file({ act: 'succeed' })
    const deadline = Date.now() + 10_000
    while (exits.length === 0 && Date.now() < deadline) await pool.compress(request)
    expect(exits).toMatchObject([{ killedFor: 'retired' }])
    // The old child went on working while the new one warmed up.
    expect(exits[0]?.files).toBeGreaterThan(3)
    expect(pool.stats().starts.recycled).toBeGreaterThanOrEqual(1)
    expect(pool.stats().starts.crashed).toBe(0)
  })

  it('replaces a child that rests on too much memory', async () => {
    const pool = start({ maxRestingRssBytes: 1 })
    await pool.compress(await file({ act: 'succeed' }))
    await expect.poll(() => exits, { timeout: 10_000 }).toMatchObject([{ killedFor: 'retired', files: 1 }])
  })
})

describe('closing', () => {
  it('lets a running file finish, refuses the waiting and new ones, and ends every child', async () => {
    const pool = start()
    const held = await heldFile()
    const first = pool.compress(held.request)
    const waiting = pool.compress(await file({ act: 'succeed' }))
    const refused = expect(waiting).rejects.toMatchObject({ code: 'shutting_down' })
    await atWork(1)
    const closed = pool.close({ graceMs: 20_000 })
    await refused
    await expect(pool.compress(held.request)).rejects.toMatchObject({ code: 'shutting_down' })
    await held.finish()
    await expect(first).resolves.toBeDefined()
    await closed
    expect(exits).toHaveLength(1)
  })

  it('kills what runs when the grace is over, and at once when told a second time', async () => {
    const pool = start()
    const result = pool.compress(await file({ act: 'loop' }))
    const failed = expect(result).rejects.toMatchObject({ code: 'shutting_down' })
    await atWork(1)
    const patient = pool.close({ graceMs: 60_000 })
    await pool.close()
    await failed
    await patient
    expect(await left()).toEqual([])
    expect(pool.stats().busy).toBe(0)
  })

  it('does not wait for a child that never gets ready', async () => {
    const request = await file({ act: 'succeed' })
    const entry = `${request.input}.mjs`
    await writeFile(entry, 'setInterval(() => undefined, 1e6)')
    const pool = start({ childEntry: pathToFileURL(entry) })
    const refused = expect(pool.compress(request)).rejects.toMatchObject({ code: 'shutting_down' })
    await pool.close()
    await refused
    expect(exits).toMatchObject([{ wasReady: false, killedFor: 'closing' }])
  })

  it('of a parent that is killed leaves no child', async () => {
    const held = await heldFile()
    const parent = fork(
      new URL('./fixtures/doomed-parent.ts', import.meta.url),
      [JSON.stringify(held.request)],
      {
        execArgv: [],
      },
    )
    await atWork(1)
    const [busy = 0] = await writers()
    const children = (await readFile(`/proc/${parent.pid}/task/${parent.pid}/children`, 'utf8'))
      .trim()
      .split(' ')
    expect(children.map(Number)).toContain(busy)
    expect(children).toHaveLength(2)
    parent.kill('SIGKILL')
    await expect.poll(() => children.filter((pid) => alive(Number(pid))), { timeout: 10_000 }).toEqual([])
  })
})
