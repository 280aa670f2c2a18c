import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KompressorError } from '../../errors/index.ts'
import { createFsObjectStore, type FsObjectStore } from '../../objects/index.ts'
import { lookTogether } from './look.ts'

let root = ''
let output: FsObjectStore
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kompressor-look-'))
  output = await createFsObjectStore({
    root,
    secret: 's'.repeat(32),
    durable: false,
    publicUrl: () => 'http://localhost',
  })
})
afterEach(async () => {
  await output.close()
  await rm(root, { recursive: true })
})

const put = (key: string) => output.put(key, Readable.from([key]))

/** The store, telling what was asked of it. */
function asked() {
  const heads: string[] = []
  let listings = 0
  const store: Parameters<typeof lookTogether>[0] = {
    head(key) {
      heads.push(key)
      return output.head(key)
    },
    list(options) {
      listings += 1
      return output.list(options)
    },
  }
  return { store, heads, listings: () => listings }
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => `web/${String(i).padStart(4, '0')}.jpg`)

test('of keys that are not there one listing says so; only those that are there are looked at', async () => {
  const keys = numbered(64)
  for (const key of ['web/0007.jpg', 'web/0063.jpg', 'web/0009.jpg.other', 'elsewhere']) await put(key)
  const { store, heads, listings } = asked()
  const look = lookTogether(store, keys.toReversed())
  const found = await Promise.all(keys.map(look))
  expect(found.flatMap((info) => info?.key ?? [])).toEqual(['web/0007.jpg', 'web/0063.jpg'])
  expect(heads).toEqual(['web/0007.jpg', 'web/0063.jpg'])
  expect(listings()).toBe(1)
})

test('keys beyond what was listed are looked at as well: in front, behind, outside and past the end of the page', async () => {
  const between = Array.from({ length: 1000 }, (_, i) => `web/0030-${String(i).padStart(4, '0')}`)
  await Promise.all([...between, 'a', 'web/0000', 'web/0060.jpg', 'web/9', 'z'].map(put))
  const { store, heads } = asked()
  const look = lookTogether(store, numbered(64))
  for (const key of ['a', 'web/0000', 'web/0060.jpg', 'web/9', 'z']) {
    expect((await look(key))?.key, key).toBe(key)
  }
  heads.length = 0
  for (const key of ['web/0001.jpg', 'web/0061.jpg']) expect(await look(key)).toBeUndefined()
  expect(heads).toEqual(['web/0061.jpg'])
})

test.each([
  [['a', 'é', 'e\u0301', '\uff61', '\u{1f600}', '\u{10000}', 'z', ' ', '0', '~', '/', '//']],
  // In UTF-16 they are in another order than in bytes.
  [['\u{1f600}', '\u{10000}', '\uff61', '\uffee']],
])('names of any characters are told apart as the store tells them: %j', async (pieces) => {
  const keys = pieces.flatMap((one) => pieces.map((other) => `${one}${other}`))
  const there = keys.filter((_, i) => i % 3 === 0)
  for (const key of there) await put(key)
  const look = lookTogether(output, keys)
  for (const key of keys)
    expect((await look(key)) !== undefined, JSON.stringify(key)).toBe(there.includes(key))
})

test.each([3, 64])('a key is looked at once, of %i', async (count) => {
  await put('web/0001.jpg')
  const { store, heads } = asked()
  const look = lookTogether(store, numbered(count))
  for (const key of ['web/0001.jpg', 'other', 'web/0001.jpg', 'other']) await look(key)
  expect(heads).toEqual(['web/0001.jpg', 'other'])
})

test('a few keys are not worth a listing, and a listing that fails is done without', async () => {
  await put('web/0001.jpg')
  const few = asked()
  await lookTogether(few.store, numbered(3))('web/0001.jpg')
  expect([few.listings(), few.heads]).toEqual([0, ['web/0001.jpg']])
  const refused = asked()
  refused.store.list = () => Promise.reject(new KompressorError('storage_denied', 'no rights to list'))
  const look = lookTogether(refused.store, numbered(64))
  expect(await look('web/0001.jpg')).toMatchObject({ key: 'web/0001.jpg' })
  expect(await look('web/0002.jpg')).toBeUndefined()
  expect(refused.heads).toEqual(['web/0001.jpg', 'web/0002.jpg'])
})
