import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { type Bench, bodyOf, expectCode, freshKey, heldBytes, read, readText } from './support.ts'

const MiB = 1024 ** 2

export function streamsContract(bench: Bench): void {
  test('what is put is what is got, with its size', async () => {
    const key = freshKey()
    const bytes = randomBytes(300_001)
    const put = await bench.store.put(key, bodyOf(bytes))
    const { info, body } = await bench.store.get(key)
    expect(await buffer(body)).toEqual(bytes)
    expect(put).toMatchObject({ key, size: 300_001 })
    expect(info).toMatchObject({ key, size: 300_001, etag: put.etag })
  })

  test('an object may have no bytes', async () => {
    const key = freshKey()
    expect(await bench.store.put(key, bodyOf(''), { size: 0 })).toMatchObject({ size: 0 })
    const { info, body } = await bench.store.get(key)
    expect(info.size).toBe(0)
    expect(await buffer(body)).toHaveLength(0)
    await expectCode(bench.store.get(key, { range: { start: 0 } }), 'range_not_satisfiable')
  })

  test('64 MiB stream in and out without being held in memory', { timeout: 120_000 }, async () => {
    const key = freshKey()
    const before = heldBytes()
    let peak = 0
    const source = async function* () {
      for (let i = 0; i < 256; i++) {
        if (i % 32 === 31) peak = Math.max(peak, heldBytes() - before)
        yield Buffer.alloc(MiB / 4, i)
      }
    }
    await bench.store.put(key, Readable.from(source()), { size: 64 * MiB })

    let size = 0
    let next = 8 * MiB
    let different = 0
    for await (const chunk of (await bench.store.get(key)).body) {
      for (let i = 0; i < chunk.length; i += 4096) {
        if (chunk[i] !== Math.floor((size + i) / (MiB / 4))) different += 1
      }
      size += chunk.length
      if (size < next) continue
      next += 8 * MiB
      peak = Math.max(peak, heldBytes() - before)
    }
    expect({ size, different }).toEqual({ size: 64 * MiB, different: 0 })
    // An adapter may hold a few parts of an upload; none may hold it all.
    expect(peak).toBeLessThan(40 * MiB)
  })

  test('a reader who started before a replacement gets the old bytes whole', async () => {
    const key = freshKey()
    const old = randomBytes(4 * MiB)
    await bench.store.put(key, bodyOf(old))
    const { body } = await bench.store.get(key)
    const chunks: Buffer[] = []
    for await (const chunk of body) {
      if (chunks.length === 0) await bench.store.put(key, bodyOf('new'))
      chunks.push(chunk)
    }
    expect(Buffer.concat(chunks).equals(old)).toBe(true)
    expect(await readText(bench.store, key)).toBe('new')
  })

  test('a reader who started before a deletion gets the bytes whole', async () => {
    const key = freshKey()
    const old = randomBytes(4 * MiB)
    await bench.store.put(key, bodyOf(old))
    const { body } = await bench.store.get(key)
    await bench.store.delete([key])
    expect((await buffer(body)).equals(old)).toBe(true)
  })

  test('the etag changes with the bytes', async () => {
    const key = freshKey()
    const first = await bench.store.put(key, bodyOf('one'))
    const second = await bench.store.put(key, bodyOf('two'))
    expect(second.etag).not.toBe(first.etag)
    expect((await bench.store.head(key))?.etag).toBe(second.etag)
    expect(second.etag).not.toMatch(/"/)
  })

  test.each([
    ['from the first byte', { start: 0, end: 3 }, '0123'],
    ['in the middle', { start: 4, end: 6 }, '456'],
    ['of one byte', { start: 9, end: 9 }, '9'],
    ['with an open end', { start: 7 }, '789'],
    ['whose end lies behind the last byte', { start: 8, end: 500 }, '89'],
  ])('a range %s is read, and the whole size told', async (_, range, expected) => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('0123456789'))
    const { info, body } = await bench.store.get(key, { range })
    expect((await buffer(body)).toString()).toBe(expected)
    expect(info.size).toBe(10)
  })

  test.each([
    ['starts behind the last byte', { start: 10 }],
    ['ends before it starts', { start: 5, end: 4 }],
    ['is negative', { start: -1, end: 3 }],
  ])('a range that %s is refused', async (_, range) => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('0123456789'))
    await expectCode(bench.store.get(key, { range }), 'range_not_satisfiable')
  })

  test('an absent object has no head and cannot be got', async () => {
    const key = freshKey()
    expect(await bench.store.head(key)).toBeUndefined()
    await expectCode(bench.store.get(key), 'object_not_found')
    await expectCode(bench.store.get(key, { range: { start: 0 } }), 'object_not_found')
  })

  test('deleting removes the objects named and no other, and may be repeated', async () => {
    const key = freshKey()
    const keys = Array.from({ length: 5 }, (_, i) => `${key}/${i}`)
    for (const each of keys) await bench.store.put(each, bodyOf(each))
    const absent = Array.from({ length: 1100 }, (_, i) => `${key}/absent/${i}`)
    await bench.store.delete([...absent, ...keys.slice(0, 4), ...keys.slice(0, 4)])
    await bench.store.delete(keys.slice(0, 4))
    await bench.store.delete([])
    expect((await bench.store.list({ prefix: key })).items.map((item) => item.key)).toEqual(keys.slice(4))
    expect((await read(bench.store, `${key}/4`)).toString()).toBe(`${key}/4`)
  })
}
