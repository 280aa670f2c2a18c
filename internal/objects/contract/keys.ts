import { expect, test } from 'vitest'
import { type Bench, bodyOf, expectCode, freshKey, readText } from './support.ts'

/** Keys that a careless adapter confuses, cuts, refuses or writes elsewhere. */
export const awkwardKeys = [
  'a',
  'a/',
  'a/b',
  'a//b',
  'a/b/',
  '/',
  '//',
  '/a',
  'A',
  'A/b',
  '.',
  '..',
  '../x',
  './x',
  'a/../b',
  'a/./b',
  '~..',
  '~',
  '...',
  'a.',
  'a ',
  ' a',
  'con',
  'nul.txt',
  'a\\b',
  'a:b',
  'a*?"<>|b',
  'a%2fb',
  'a%',
  '%2e%2e',
  'a+b',
  'a=b',
  'a&b',
  'a#b',
  'a?b',
  'line\r\nbreak',
  'tab\t',
  '\u0001',
  'é',
  'e\u0301',
  'ﬀ',
  '\ufffd',
  '😀',
  '日本語/写真.jpg',
  'x'.repeat(300),
  `${'x'.repeat(300)}/y`,
  'é'.repeat(400),
  '/'.repeat(600),
  'Z'.repeat(700),
]

export function keysContract(bench: Bench): void {
  test('any key holds its own object', { timeout: 120_000 }, async () => {
    const base = freshKey()
    const keys = bench.holdable(awkwardKeys.map((key) => `${base}/${key}`))
    await Promise.all(keys.map((key) => bench.store.put(key, bodyOf(key))))
    const contents = await Promise.all(keys.map((key) => readText(bench.store, key)))
    expect(contents).toEqual(keys)
    expect((await bench.store.list({ prefix: `${base}/` })).items.map((item) => item.key)).toEqual(
      keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    )
    await bench.store.delete(keys.slice(1))
    expect((await bench.store.list({ prefix: `${base}/` })).items.map((item) => item.key)).toEqual(
      keys.slice(0, 1),
    )
  })

  test.for(['.', '..', '../..', '/', 'é'])('%j alone is a key', async (key, { skip }) => {
    if (bench.holdable([key]).length === 0) skip()
    await bench.store.put(key, bodyOf('x'))
    expect(await readText(bench.store, key)).toBe('x')
    await bench.store.delete([key])
    expect(await bench.store.head(key)).toBeUndefined()
  })

  test('a key may have 1,024 bytes and no more', async () => {
    const key = `${freshKey()}/`.padEnd(1022, `${'k'.repeat(99)}/`).concat('é')
    await bench.store.put(key, bodyOf('x'))
    expect(await readText(bench.store, key)).toBe('x')
    await expectCode(bench.store.put(`${key}k`, bodyOf('x')), 'invalid_name')
  })

  test('a key that the server cannot hold beside another is refused', async ({ skip }) => {
    if (!bench.limits.keysArePaths) skip()
    const key = freshKey()
    await bench.store.put(key, bodyOf('x'))
    await expectCode(bench.store.put(`${key}/below`, bodyOf('x')), 'invalid_name')
    await expectCode(bench.store.put(`${freshKey()}/`, bodyOf('x')), 'invalid_name')
  })

  test.each([
    ['that is empty', ''],
    ['with a NUL character', 'a\0b'],
    ['with half a surrogate pair', 'a\ud83d'],
  ])('a key %s is refused everywhere', async (_, key) => {
    const { store } = bench
    await expectCode(store.put(key, bodyOf('x')), 'invalid_name')
    await expectCode(store.putFile(key, bench.path()), 'invalid_name')
    await expectCode(store.get(key), 'invalid_name')
    await expectCode(store.getFile(key, bench.path()), 'invalid_name')
    await expectCode(store.head(key), 'invalid_name')
    await expectCode(store.delete([key]), 'invalid_name')
    await expectCode(store.presignGet(key, { expiresAt: new Date() }), 'invalid_name')
    await expectCode(store.presignPut(key, { expiresAt: new Date(), size: 1 }), 'invalid_name')
  })
}
