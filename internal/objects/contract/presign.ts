import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import type { PresignedRequest } from '../port.ts'
import { awkwardKeys } from './keys.ts'
import { type Bench, bodyOf, freshKey, readText, sha256 } from './support.ts'

const soon = () => new Date(Date.now() + 60_000)

async function send({ method, url, headers }: PresignedRequest, body?: string): Promise<Response> {
  return fetch(url, { method, headers, ...(body !== undefined && { body }) })
}

export function presignContract(bench: Bench): void {
  test('a PUT URL takes exactly the object it was made for', async () => {
    const key = freshKey()
    const expiresAt = soon()
    const request = await bench.store.presignPut(key, { expiresAt, size: 5, contentType: 'image/png' })
    expect(request).toMatchObject({ method: 'PUT', expiresAt })
    expect((await send(request, 'bytes')).ok).toBe(true)
    expect(await readText(bench.store, key)).toBe('bytes')
    expect(await bench.store.head(key)).toMatchObject({ size: 5, attributes: { contentType: 'image/png' } })
  })

  test.each(['byte', 'bytes!', ''])('a PUT URL for 5 bytes refuses %j', async (body) => {
    const key = freshKey()
    const request = await bench.store.presignPut(key, { expiresAt: soon(), size: 5 })
    const response = await send(request, body)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await bench.store.head(key)).toBeUndefined()
  })

  test('a PUT URL bound to a checksum takes those bytes and no others', async () => {
    const key = freshKey()
    const request = await bench.store.presignPut(key, { expiresAt: soon(), size: 5, sha256: sha256('bytes') })
    expect((await send(request, 'wrong')).status).toBeGreaterThanOrEqual(400)
    expect(await bench.store.head(key)).toBeUndefined()
    expect((await send(request, 'bytes')).ok).toBe(true)
    expect(await readText(bench.store, key)).toBe('bytes')
  })

  test('a GET URL gives the object, with the disposition asked for', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('bytes'), { attributes: { contentType: 'image/png' } })
    const contentDisposition = `attachment; filename="a b.png"; filename*=UTF-8''%C3%A4%20b.png`
    const response = await send(await bench.store.presignGet(key, { expiresAt: soon(), contentDisposition }))
    expect(await response.text()).toBe('bytes')
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(response.headers.get('content-disposition')).toBe(contentDisposition)
  })

  test('a GET URL of an absent object answers 404', async () => {
    const response = await send(await bench.store.presignGet(freshKey(), { expiresAt: soon() }))
    expect(response.status).toBe(404)
  })

  test('URLs reach any key', async () => {
    const base = freshKey()
    const keys = bench.holdable(awkwardKeys.map((key) => `${base}/${key}`))
    const failed: string[] = []
    for (const key of keys) {
      const put = await send(await bench.store.presignPut(key, { expiresAt: soon(), size: 1 }), 'x')
      const get = await send(await bench.store.presignGet(key, { expiresAt: soon() }))
      if (!put.ok || (await get.text()) !== 'x') failed.push(key)
    }
    expect(failed).toEqual([])
    expect((await bench.store.list({ prefix: base })).items).toHaveLength(keys.length)
  })

  test('a URL stops working when it expires', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('bytes'))
    const request = await bench.store.presignGet(key, { expiresAt: new Date(Date.now() + 1000) })
    const status = async () => {
      const response = await send(request)
      await response.arrayBuffer()
      return response.status
    }
    expect(await status()).toBe(200)
    await vi.waitFor(async () => expect(await status()).toBe(403), { timeout: 10_000, interval: 100 })
  })

  test('a URL works for no other object, method or signature', async () => {
    const [key, other] = [freshKey(), freshKey()]
    await bench.store.put(key, bodyOf('bytes'))
    await bench.store.put(other, bodyOf('secret'))
    const get = await bench.store.presignGet(key, { expiresAt: soon() })
    const status = async (request: PresignedRequest, body?: string) => (await send(request, body)).status
    expect(await status({ ...get, url: get.url.replace(key, other) })).toBe(403)
    expect(await status({ ...get, url: get.url.replace(/ignature=./, 'ignature=') })).toBe(403)
    expect(await status({ ...get, method: 'PUT' }, 'forged')).toBe(403)
    expect(await readText(bench.store, key)).toBe('bytes')

    const put = await bench.store.presignPut(freshKey(), { expiresAt: soon(), size: 6 })
    const path = new URL(put.url).pathname
    const wanted = new URL(get.url).pathname
    expect(await status({ ...put, url: put.url.replace(path, wanted) }, 'forged')).toBe(403)
    expect(
      createHash('sha256')
        .update(await readText(bench.store, key))
        .digest('hex'),
    ).toBe(sha256('bytes'))
  })
}
