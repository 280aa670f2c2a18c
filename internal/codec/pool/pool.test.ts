import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { poolHarness } from './fixtures/harness.ts'
import { createCompressor } from './pool.ts'

const { start, file, heldFile, left, writers, atWork } = poolHarness()

describe('a pool', () => {
  it('compresses files in its slots, in the order they came, and reuses its children', async () => {
    const pool = start({ slots: 2 })
    const started: number[] = []
    const files = await Promise.all(Array.from({ length: 10 }, () => file({ act: 'succeed' })))
    const results = await Promise.all(
      files.map((request, i) =>
        pool.compress(request, {
          onStart: async () => {
            started.push(i)
          },
        }),
      ),
    )
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    const pids = await Promise.all(
      results.flatMap((result) => result.outputs.map(({ path }) => readFile(path, 'utf8'))),
    )
    expect(pids).toHaveLength(10)
    expect(new Set(pids).size).toBeLessThanOrEqual(2)
    expect(pool.stats()).toEqual({
      slots: 2,
      busy: 0,
      waiting: 0,
      starts: { first: 2, recycled: 0, killed: 0, crashed: 0 },
    })
  })

  it('waits for onStart before the child compresses, and gives the slot back when it fails', async () => {
    const pool = start()
    const journal = () => Promise.reject(new Error('the journal is closed'))
    await expect(pool.compress(await file({ act: 'abort' }), { onStart: journal })).rejects.toThrow(
      'the journal is closed',
    )
    await expect(pool.compress(await file({ act: 'succeed' }))).resolves.toMatchObject({
      outcome: 'compressed',
    })
    expect(pool.stats().starts.crashed).toBe(0)
  })

  it('says how long its children were at work, and not how long they were kept waiting', async () => {
    const work: number[] = []
    const measured = Promise.withResolvers<void>()
    const pool = start({
      onChildWork(seconds) {
        work.push(seconds)
        measured.resolve()
      },
    })
    const waitMs = 200
    const journal = async () => {
      await measured.promise
      await setTimeout(waitMs)
    }
    const began = performance.now()
    const held = await heldFile()
    const done = pool.compress(held.request, { onStart: journal })
    await atWork(1)
    await setTimeout(100)
    await held.finish()
    await done
    const seconds = (performance.now() - began) / 1000
    expect(work).toHaveLength(2)
    expect(work[1]).toBeGreaterThan(0.09)
    expect((work[0] ?? 0) + (work[1] ?? 0)).toBeLessThan(seconds - 0.9 * (waitMs / 1000))
    await expect(pool.compress(await file({ act: 'abort' }))).rejects.toThrow()
    expect(work).toHaveLength(4)
  })

  it("passes a codec's own error on, with its code and the name of the file, and removes what was written", async () => {
    const pool = start()
    const request = await file({ act: 'fail' })
    await expect(pool.compress(request)).rejects.toMatchObject({
      name: 'KompressorError',
      code: 'corrupt_input',
      message: `${request.name}: the second scan is missing`,
      stack: expect.stringContaining('scripted-child.ts'),
    })
    expect(await left()).toEqual([])
    expect(pool.stats().starts).toEqual({ first: 1, recycled: 0, killed: 0, crashed: 0 })
  })

  it('leaves nothing behind of a file that is kept', async () => {
    const result = await start().compress(await file({ act: 'keep' }))
    expect(result.outcome).toBe('kept_original')
    expect(await left()).toEqual([])
  })

  it.each(['point-outside', 'misreport'] as const)('does not believe a child that says: %s', async (act) => {
    const pool = start()
    await expect(pool.compress(await file({ act }))).rejects.toMatchObject({ code: 'internal' })
    await expect(pool.compress(await file({ act: 'succeed' }))).resolves.toBeDefined()
    expect(await writers()).toHaveLength(1)
  })

  it('hides the environment of its process from the children', async () => {
    process.env.SECRET_OF_THE_PARENT = 'x'
    const pool = start()
    const held = await heldFile()
    const result = pool.compress(held.request)
    await atWork(1)
    const [pid] = await writers()
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
    delete process.env.SECRET_OF_THE_PARENT
    expect(environment).toContain('MALLOC_ARENA_MAX=2')
    expect(environment).not.toContain('SECRET_OF_THE_PARENT')
    await held.finish()
    await result
  })
})

describe('cancelling', () => {
  it('takes a waiting file out of the queue', async () => {
    const pool = start()
    const held = await heldFile()
    const first = pool.compress(held.request)
    await atWork(1)
    const abort = new AbortController()
    const second = pool.compress(await file({ act: 'abort' }), { signal: abort.signal })
    expect(pool.stats().waiting).toBe(1)
    abort.abort()
    await expect(second).rejects.toMatchObject({ code: 'cancelled' })
    expect(pool.stats().waiting).toBe(0)
    await held.finish()
    await expect(first).resolves.toBeDefined()
  })

  it('kills the child of a file at work and removes what it wrote', async () => {
    const pool = start()
    const abort = new AbortController()
    const result = pool.compress(await file({ act: 'loop' }), { signal: abort.signal })
    await atWork(1)
    abort.abort()
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    expect(await left()).toEqual([])
    await expect(pool.compress(await file({ act: 'succeed' }))).resolves.toBeDefined()
    expect(pool.stats().starts).toMatchObject({ killed: 1, crashed: 0 })
  })

  it('refuses a file whose signal has fired already', async () => {
    const result = start().compress(await file({ act: 'succeed' }), { signal: AbortSignal.abort() })
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('a child of the product', () => {
  it('compresses images and data with the codecs of this package', async () => {
    const image = await file({ act: 'succeed' })
    const data = await file({ act: 'succeed' })
    const pixels = {
      width: 320,
      height: 240,
      channels: 3,
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    } as const
    await sharp({ create: { ...pixels, background: 'grey' } })
      .jpeg({ quality: 98 })
      .toFile(image.input)
    await writeFile(data.input, 'a line that repeats\n'.repeat(10_000))
    const pool = createCompressor({ slots: 1 })
    try {
      const results = await Promise.all([pool.compress(image), pool.compress(data)])
      expect(results).toMatchObject([
        { outcome: 'compressed', type: 'image/jpeg', outputs: [{ type: 'image/jpeg' }] },
        {
          outcome: 'compressed',
          type: 'text/plain',
          outputs: [{ type: 'application/zstd' }],
        },
      ])
      expect(await left()).toHaveLength(2)
    } finally {
      await pool.close()
    }
  })
})
