import { expect, test } from 'vitest'
import type { ObjectAttributes } from '../port.ts'
import { type Bench, bodyOf, expectCode, freshKey } from './support.ts'

const attributes: ObjectAttributes = {
  contentType: 'image/webp',
  contentEncoding: 'gzip',
  contentDisposition: `attachment; filename="a.webp"; filename*=UTF-8''%C3%A4.webp`,
  cacheControl: 'public, max-age=31536000, immutable',
  metadata: { 'identity-hash': 'abc123', note: 'spaces, "quotes" and = signs' },
  tags: { team: 'shop', 'cost centre': '42' },
  storageClass: 'STANDARD_IA',
}

export function attributesContract(bench: Bench): void {
  const kept = (): ObjectAttributes => {
    const { storageClass, ...others } = attributes
    return bench.limits.oneStorageClass ? others : attributes
  }

  test('content headers, metadata, tags and storage class come back as they were given', async () => {
    const key = freshKey()
    const put = await bench.store.put(key, bodyOf('x'), { attributes })
    expect(put.attributes).toEqual(attributes)
    expect((await bench.store.head(key))?.attributes).toEqual(kept())
    const { info, body } = await bench.store.get(key)
    body.destroy()
    expect(info.attributes).toEqual(kept())
  })

  test('they come back with objects of any size', async () => {
    const key = freshKey()
    const large = Buffer.alloc(20 * 1024 ** 2, 'x')
    await bench.store.put(key, bodyOf(large), { attributes })
    expect(await bench.store.head(key)).toMatchObject({ size: large.length, attributes: kept() })
  })

  test('a replacement brings its own attributes and keeps none of the old', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('x'), { attributes })
    await bench.store.put(key, bodyOf('y'), {
      attributes: { contentType: 'text/plain', metadata: { a: 'b' } },
    })
    expect((await bench.store.head(key))?.attributes).toEqual({
      contentType: 'text/plain',
      metadata: { a: 'b' },
    })
  })

  test('the time of the last change is that of the put', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('x'))
    const modified = (await bench.store.head(key))?.lastModified.getTime()
    // Stores have clocks of their own, and S3 counts in whole seconds.
    expect(Math.abs(Date.now() - (modified ?? 0))).toBeLessThan(300_000)
  })

  test.each([
    ['a line break in a header', { contentDisposition: 'attachment\r\nSet-Cookie: a=b' }],
    ['letters outside ASCII in a header', { contentType: 'text/plän' }],
    ['letters outside ASCII in metadata', { metadata: { note: 'grün' } }],
    ['upper case in the name of metadata', { metadata: { Note: 'x' } }],
    ['a line break in metadata', { metadata: { note: 'a\nb' } }],
  ] satisfies [string, ObjectAttributes][])('%s is refused', async (_, refused) => {
    const key = freshKey()
    await expectCode(bench.store.put(key, bodyOf('x'), { attributes: refused }), 'invalid_request')
    expect(await bench.store.head(key)).toBeUndefined()
  })
}
