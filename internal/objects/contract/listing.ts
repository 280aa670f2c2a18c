import { expect, test } from 'vitest'
import type { ListOptions } from '../port.ts'
import { type Bench, bodyOf, expectCode, freshKey } from './support.ts'

export function listingContract(bench: Bench): void {
  /** Puts empty objects below a fresh prefix; `held` picks, of names given, those the server could hold. */
  const given = async (names: readonly string[]) => {
    const base = `${freshKey()}/`
    const holdable = bench.holdable(names)
    await Promise.all(holdable.map((name) => bench.store.put(base + name, bodyOf(''))))
    const held = (expected: readonly string[]) => expected.filter((name) => holdable.includes(name))
    return { base, held }
  }
  /** Lists page by page and checks what every page promises. */
  const listAll = async (base: string, options: ListOptions = {}) => {
    const names: string[] = []
    const limit = options.limit ?? 1000
    let startAfter = options.startAfter
    for (;;) {
      const page = await bench.store.list({ ...options, ...(startAfter !== undefined && { startAfter }) })
      expect(page.items.length).toBeLessThanOrEqual(limit)
      names.push(...page.items.map((item) => item.key.slice(base.length)))
      if (page.next === undefined) return names
      expect(page.next).toBe(page.items.at(-1)?.key)
      startAfter = page.next
    }
  }

  test('keys come in the order of their bytes, whatever the size of the page', async () => {
    const inOrder = [
      '!',
      'B',
      'a',
      'a!',
      'a-b',
      'a/',
      'a/a',
      'a/b/c',
      'a0',
      'aa',
      'ab',
      'b',
      'e\u0301',
      'z',
      'é',
      '日本',
      '\uffee',
      '😀',
    ]
    const { base, held } = await given(inOrder.toReversed())
    for (const limit of [1, 2, 5, 17, 18, 1000])
      expect(await listAll(base, { prefix: base, limit })).toEqual(held(inOrder))
  })

  test('a prefix narrows to the keys that begin with it, be it a whole segment or part of one', async () => {
    const { base, held } = await given([
      'img',
      'img-1',
      'img/1.jpg',
      'img/10.jpg',
      'img/2.jpg',
      'img2/1.jpg',
      'imh',
      'é/1',
      'ê/1',
    ])
    const below = (prefix: string) => listAll(base, { prefix: base + prefix })
    const all = ['img', 'img-1', 'img/1.jpg', 'img/10.jpg', 'img/2.jpg', 'img2/1.jpg']
    expect(await below('img')).toEqual(held(all))
    expect(await below('img/')).toEqual(held(['img/1.jpg', 'img/10.jpg', 'img/2.jpg']))
    expect(await below('img/1')).toEqual(held(['img/1.jpg', 'img/10.jpg']))
    expect(await below('img/1.jpg')).toEqual(held(['img/1.jpg']))
    expect(await below('é')).toEqual(held(['é/1']))
    expect(await below('nothing')).toEqual([])
    expect(await below('img/1.jpg/')).toEqual([])
  })

  test('a listing starts after a key, whether there is such an object or not', async () => {
    const { base, held } = await given(['a', 'a/1', 'a/2', 'b', 'c/1'])
    const after = (startAfter: string) => listAll(base, { prefix: base, startAfter: base + startAfter })
    expect(await after('a')).toEqual(held(['a/1', 'a/2', 'b', 'c/1']))
    expect(await after('a/1')).toEqual(held(['a/2', 'b', 'c/1']))
    expect(await after('a/11')).toEqual(held(['a/2', 'b', 'c/1']))
    expect(await after('a/zzz')).toEqual(held(['b', 'c/1']))
    expect(await after('c')).toEqual(held(['c/1']))
    expect(await after('c/1')).toEqual([])
    expect(await listAll(base, { prefix: `${base}a/`, startAfter: `${base}b` })).toEqual([])
    expect(await listAll(base, { prefix: `${base}a/`, startAfter: `${base}Z` })).toEqual(held(['a/1', 'a/2']))
  })

  test('long segments are listed in order with short ones', async () => {
    const lengths = [1, 79, 80, 81, 160, 161, 240, 300, 700]
    const names = lengths.flatMap((n) => ['x'.repeat(n), `${'x'.repeat(n)}/y`, `${'x'.repeat(n)}-`])
    const { base, held } = await given(names)
    const inOrder = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    for (const limit of [1, 4, 1000])
      expect(await listAll(base, { prefix: base, limit })).toEqual(held(inOrder))
    const prefix = base + 'x'.repeat(80)
    expect(await listAll(base, { prefix })).toEqual(
      held(inOrder.filter((name) => (base + name).startsWith(prefix))),
    )
  })

  test('the last page says that it is the last, also when it is full', async () => {
    const { base } = await given(['a', 'b', 'c', 'd'])
    const first = await bench.store.list({ prefix: base, limit: 2 })
    expect(first.next).toBe(`${base}b`)
    const second = await bench.store.list({ prefix: base, limit: 2, startAfter: `${base}b` })
    expect(second.items.map((item) => item.key)).toEqual([`${base}c`, `${base}d`])
    expect(second).not.toHaveProperty('next')
  })

  test('items tell size, etag and time as head does, and of the attributes the storage class', async () => {
    const key = freshKey()
    const attributes = { contentType: 'text/plain', storageClass: 'STANDARD_IA' }
    await bench.store.put(key, bodyOf('bytes'), { attributes })
    const head = await bench.store.head(key)
    const { items } = await bench.store.list({ prefix: key })
    const listed = bench.limits.oneStorageClass ? {} : { storageClass: 'STANDARD_IA' }
    expect(items).toEqual([{ ...head, attributes: listed }])
  })

  test('a deleted object is not listed', async () => {
    const { base } = await given(['a/b/c', 'd'])
    await bench.store.delete([`${base}a/b/c`])
    expect(await listAll(base, { prefix: base })).toEqual(['d'])
  })

  test.each([0, -1, 1001, 1.5])('a limit of %d is refused', async (limit) => {
    await expectCode(bench.store.list({ limit }), 'invalid_request')
  })
}
