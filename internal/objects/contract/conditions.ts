import { expect, test } from 'vitest'
import { type Bench, bodyOf, expectCode, freshKey, read, readText, sha256 } from './support.ts'

/** The n-th of several contents that differ in every byte and in length. */
const content = (n: number) => Buffer.alloc(50_000 + n * 1000, n)

export function conditionsContract(bench: Bench): void {
  test('put-if-absent writes an absent object and never replaces one', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('first'), { ifAbsent: true })
    await expectCode(bench.store.put(key, bodyOf('second'), { ifAbsent: true }), 'object_exists')
    expect(await readText(bench.store, key)).toBe('first')
    await bench.store.delete([key])
    await bench.store.put(key, bodyOf('third'), { ifAbsent: true })
    expect(await readText(bench.store, key)).toBe('third')
  })

  test('of 20 that put the same absent object at once, one wins and its object is whole', async () => {
    const key = freshKey()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        bench.store.put(key, bodyOf(content(n)), { ifAbsent: true, attributes: { metadata: { n: `${n}` } } }),
      ),
    )
    const winners = outcomes.flatMap((outcome, n) => (outcome.status === 'fulfilled' ? [n] : []))
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    expect(winners).toHaveLength(1)
    expect(new Set(codes)).toEqual(new Set(['object_exists']))
    const winner = winners[0] ?? -1
    expect(await read(bench.store, key)).toEqual(content(winner))
    expect((await bench.store.head(key))?.attributes.metadata).toEqual({ n: `${winner}` })
  })

  test('while an object is replaced again and again, every read sees one version with its own attributes', async () => {
    const key = freshKey()
    const put = (n: number) =>
      bench.store.put(key, bodyOf(content(n)), { attributes: { metadata: { sha256: sha256(content(n)) } } })
    await put(0)
    let writing = true
    const writers = Promise.all(
      [1, 2].map(async (w) => {
        for (let n = w; n < 30; n += 2) await put(n)
      }),
    ).finally(() => {
      writing = false
    })
    let reads = 0
    while (writing) {
      const { info, body } = await bench.store.get(key)
      const bytes = Buffer.concat(await body.toArray())
      expect(sha256(bytes)).toBe(info.attributes.metadata?.sha256)
      expect(bytes.length).toBe(info.size)
      reads += 1
    }
    await writers
    expect(reads).toBeGreaterThan(3)
  })

  test('an object that is put and deleted at once is whole or absent', async () => {
    const folder = `${freshKey()}/in/a/folder`
    const [key, sibling] = [`${folder}/object`, `${folder}/sibling`]
    // Such a server removes a folder with its last object, and may refuse a put at that moment.
    if (bench.limits.keysArePaths) await bench.store.put(`${folder}/anchor`, bodyOf('x'))
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        bench.store.put(key, bodyOf(content(round))),
        bench.store.delete([key]),
        bench.store.put(sibling, bodyOf('x')),
        bench.store.delete([sibling]),
      ])
      const head = await bench.store.head(key)
      if (head !== undefined) expect(await read(bench.store, key)).toEqual(content(round))
    }
  })
}
