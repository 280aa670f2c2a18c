import { describe, expect, it } from 'vitest'
import { poolHarness } from './fixtures/harness.ts'
import type { Script } from './fixtures/scripted-child.ts'

const { start, file, heldFile, exits, left, writers, atWork } = poolHarness()

describe('a child that dies', () => {
  it.each([
    ['abort', 'codec_crashed', 'SIGABRT'],
    ['exit', 'codec_crashed', 'the encoder gave up'],
  ] as const)('by %s fails its file with %s and a message that names it', async (act, code, said) => {
    const pool = start()
    const request = await file({ act })
    const error = await pool.compress(request).catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code })
    expect(error).toMatchObject({ message: expect.stringContaining(request.name) })
    expect(error).toMatchObject({ message: expect.stringContaining(said) })
    expect(await left()).toEqual([])
    await expect(pool.compress(await file({ act: 'succeed' }))).resolves.toBeDefined()
    expect(pool.stats().starts).toEqual({ first: 1, recycled: 0, killed: 0, crashed: 1 })
  })

  it('while it reads the header fails its file too', async () => {
    const pool = start()
    await expect(pool.compress(await file({ act: 'abort', atMeasure: true }))).rejects.toMatchObject({
      code: 'codec_crashed',
    })
    expect(await left()).toEqual([])
  })

  it('does not hurt the twenty other files in flight', async () => {
    const pool = start({ slots: 2 })
    const acts = Array.from({ length: 21 }, (_, i): Script => ({ act: i === 10 ? 'abort' : 'succeed' }))
    const files = await Promise.all(acts.map(file))
    const ends = await Promise.allSettled(files.map((request) => pool.compress(request)))
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
    expect(ends[10]).toMatchObject({ status: 'rejected', reason: { code: 'codec_crashed' } })
  })

  it('by the hand of the system is out of memory', async () => {
    const pool = start()
    const held = await heldFile()
    const result = pool.compress(held.request)
    await atWork(1)
    const [pid = 0] = await writers()
    process.kill(pid, 'SIGKILL')
    await expect(result).rejects.toMatchObject({ code: 'codec_out_of_memory' })
  })

  it('before it ever starts fails the waiting file, and does not fork for ever', async () => {
    const pool = start({ childEntry: new URL('./no-such-module.ts', import.meta.url) })
    await expect(pool.compress(await file({ act: 'succeed' }))).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('do not start'),
    })
    const { first, crashed } = pool.stats().starts
    expect(first + crashed).toBe(3)
  })
})

describe('a file that takes too long', () => {
  it.each(['loop', 'hang'] as const)('is ended at its deadline when its child does: %s', async (act) => {
    const pool = start()
    const request = await file({ act })
    await expect(pool.compress(request, { deadlineMs: 300 })).rejects.toMatchObject({
      code: 'codec_timeout',
      message: `${request.name} was not done after 300 ms`,
    })
    expect(await left()).toEqual([])
    expect(exits).toMatchObject([{ signal: 'SIGKILL', killedFor: 'deadline' }])
    await expect(pool.compress(await file({ act: 'succeed' }))).resolves.toBeDefined()
    expect(pool.stats().starts).toEqual({ first: 1, recycled: 0, killed: 1, crashed: 0 })
  })
})
