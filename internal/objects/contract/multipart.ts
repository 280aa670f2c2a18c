import { randomBytes } from 'node:crypto'
import { Agent, request as httpRequest } from 'node:http'
import { expect, test, vi } from 'vitest'
import type { OpenUpload, PresignedRequest } from '../port.ts'
import { type Bench, bodyOf, expectCode, freshKey, read, readText } from './support.ts'

const MiB = 1024 ** 2
const soon = () => new Date(Date.now() + 60_000)

async function send({ method, url, headers }: PresignedRequest, body: Uint8Array): Promise<Response> {
  return fetch(url, { method, headers, body: new Uint8Array(body) })
}

export function multipartContract(bench: Bench): void {
  /** Puts a part as its owner does and returns what to name it by. */
  const putPart = async (key: string, uploadId: string, partNumber: number, bytes: Uint8Array) => {
    const options = { uploadId, partNumber, size: bytes.length, expiresAt: soon() }
    const response = await send(await bench.store.presignPart(key, options), bytes)
    expect(response.status).toBe(200)
    return { partNumber, etag: (response.headers.get('etag') ?? '').replaceAll('"', '') }
  }
  const open = async (prefix: string) => {
    const uploads: OpenUpload[] = []
    for await (const upload of bench.store.listUploads({ prefix })) uploads.push(upload)
    return uploads
  }

  test('parts put in any order become one object with the attributes the upload began with', async () => {
    const key = freshKey()
    const attributes = { contentType: 'image/png', metadata: { a: 'b' }, tags: { team: 'shop' } }
    const bytes = randomBytes(12 * MiB + 1)
    const { uploadId } = await bench.store.createUpload(key, { attributes })
    const parts = [
      await putPart(key, uploadId, 3, bytes.subarray(12 * MiB)),
      await putPart(key, uploadId, 1, bytes.subarray(0, 6 * MiB)),
      await putPart(key, uploadId, 2, bytes.subarray(6 * MiB, 12 * MiB)),
    ]
    expect(await bench.store.head(key)).toBeUndefined()
    const completed = await bench.store.completeUpload(key, uploadId, { parts, size: bytes.length })
    expect(completed).toMatchObject({ key, size: bytes.length, attributes })
    expect(await bench.store.head(key)).toMatchObject({ etag: completed.etag, attributes })
    expect((await read(bench.store, key)).equals(bytes)).toBe(true)
    expect(await open(key)).toEqual([])
  })

  test('a cut upload goes on from the parts that arrived', async () => {
    const key = freshKey()
    const first = randomBytes(5 * MiB)
    const { uploadId } = await bench.store.createUpload(key)
    expect(await bench.store.listParts(key, uploadId)).toEqual([])
    const put = await putPart(key, uploadId, 1, first)
    expect(await bench.store.listParts(key, uploadId)).toEqual([{ ...put, size: 5 * MiB }])
    await putPart(key, uploadId, 2, bodyBytes('rest'))
    await bench.store.completeUpload(key, uploadId)
    expect((await read(bench.store, key)).equals(Buffer.concat([first, Buffer.from('rest')]))).toBe(true)
  })

  test('a part that is put again replaces the one before, which cannot be named any more', async () => {
    const key = freshKey()
    const { uploadId } = await bench.store.createUpload(key)
    const old = await putPart(key, uploadId, 1, bodyBytes('old'))
    await putPart(key, uploadId, 1, bodyBytes('newer'))
    expect(await bench.store.listParts(key, uploadId)).toMatchObject([{ partNumber: 1, size: 5 }])
    await expectCode(bench.store.completeUpload(key, uploadId, { parts: [old] }), 'invalid_part')
    await bench.store.completeUpload(key, uploadId)
    expect(await readText(bench.store, key)).toBe('newer')
  })

  test('completing refuses parts that are missing, too small, or none, and the upload can be mended', async () => {
    const key = freshKey()
    const { uploadId } = await bench.store.createUpload(key)
    const complete = (parts?: { partNumber: number; etag: string }[]) =>
      bench.store.completeUpload(key, uploadId, parts && { parts })
    await expectCode(complete(), 'invalid_part')
    const small = await putPart(key, uploadId, 1, bodyBytes('small'))
    const last = await putPart(key, uploadId, 2, bodyBytes('last'))
    await expectCode(complete([small, last]), 'invalid_part')
    await expectCode(complete([small, { partNumber: 3, etag: last.etag }]), 'invalid_part')
    await expectCode(complete([]), 'invalid_part')
    expect(await bench.store.head(key)).toBeUndefined()
    await bench.store.completeUpload(key, uploadId, { parts: [small], size: 5 })
    expect(await readText(bench.store, key)).toBe('small')
  })

  test('completing with another size than expected makes nothing and leaves the former object alone', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('former'))
    const { uploadId } = await bench.store.createUpload(key)
    await putPart(key, uploadId, 1, bodyBytes('bytes'))
    await expectCode(bench.store.completeUpload(key, uploadId, { size: 6 }), 'size_mismatch')
    expect(await readText(bench.store, key)).toBe('former')
    await bench.store.completeUpload(key, uploadId, { size: 5 })
    expect(await readText(bench.store, key)).toBe('bytes')
  })

  test.each(['byte', 'bytes!'])('a part URL for 5 bytes refuses %j', async (body) => {
    const key = freshKey()
    const { uploadId } = await bench.store.createUpload(key)
    const request = await bench.store.presignPart(key, {
      uploadId,
      partNumber: 1,
      size: 5,
      expiresAt: soon(),
    })
    expect((await send(request, bodyBytes(body))).status).toBeGreaterThanOrEqual(400)
    expect(await bench.store.listParts(key, uploadId)).toEqual([])
    await bench.store.abortUpload(key, uploadId)
  })

  test('a part whose connection is cut has not arrived', async ({ skip }) => {
    if (bench.limits.takesCutBodies) skip()
    const key = freshKey()
    const { uploadId } = await bench.store.createUpload(key)
    const size = MiB
    const { url } = await bench.store.presignPart(key, { uploadId, partNumber: 1, size, expiresAt: soon() })
    const agent = new Agent()
    const cut = httpRequest(url, { method: 'PUT', headers: { 'content-length': size }, agent })
    const ended = new Promise((resolve) => cut.once('error', resolve))
    await new Promise<void>((resolve) => cut.write(Buffer.alloc(size / 2), () => resolve()))
    cut.destroy()
    await ended
    expect(await bench.store.listParts(key, uploadId)).toEqual([])
    await putPart(key, uploadId, 1, Buffer.alloc(size, 1))
    expect(await bench.store.completeUpload(key, uploadId, { size })).toMatchObject({ size })
  })

  test('a part URL is good for its part and upload alone, and expires', async () => {
    const [key, other] = [freshKey(), freshKey()]
    const { uploadId } = await bench.store.createUpload(key)
    const second = await bench.store.createUpload(other)
    const part = { uploadId, partNumber: 1, size: 5, expiresAt: soon() }
    const request = await bench.store.presignPart(key, part)
    const status = async (url: string) => (await send({ ...request, url }, bodyBytes('bytes'))).status
    expect(await status(request.url.replace(key, other))).toBe(403)
    expect(await status(request.url.replace(uploadId, second.uploadId))).toBe(403)
    expect(await status(request.url.replace(/([?&]part(?:Number)?)=1/, '$1=2'))).toBe(403)
    const brief = { ...part, expiresAt: new Date(Date.now() + 1000) }
    const expiring = await bench.store.presignPart(key, brief)
    await vi.waitFor(async () => expect(await status(expiring.url)).toBe(403), {
      timeout: 10_000,
      interval: 100,
    })
    await bench.store.abortUpload(key, uploadId)
    await bench.store.abortUpload(other, second.uploadId)
  })

  test('an upload that was aborted or completed has ended', async () => {
    const key = freshKey()
    for (const end of ['abort', 'complete'] as const) {
      const { uploadId } = await bench.store.createUpload(key)
      await putPart(key, uploadId, 1, bodyBytes('bytes'))
      const late = { uploadId, partNumber: 2, size: 5, expiresAt: soon() }
      const request = await bench.store.presignPart(key, late)
      if (end === 'abort') await bench.store.abortUpload(key, uploadId)
      else await bench.store.completeUpload(key, uploadId)
      expect((await send(request, bodyBytes('bytes'))).status).toBe(404)
      await expectCode(bench.store.listParts(key, uploadId), 'upload_not_found')
      await expectCode(bench.store.completeUpload(key, uploadId), 'upload_not_found')
      await bench.store.abortUpload(key, uploadId)
    }
    expect(await open(key)).toEqual([])
  })

  test('an upload belongs to its key', async () => {
    const key = freshKey()
    const { uploadId } = await bench.store.createUpload(key)
    await putPart(key, uploadId, 1, bodyBytes('bytes'))
    await expectCode(bench.store.listParts(`${key}x`, uploadId), 'upload_not_found')
    await expectCode(bench.store.completeUpload(`${key}x`, uploadId), 'upload_not_found')
    await bench.store.abortUpload(`${key}x`, uploadId)
    expect(await bench.store.completeUpload(key, uploadId)).toMatchObject({ key, size: 5 })
  })

  test('uploads under way are listed by prefix until they end', async () => {
    const base = freshKey()
    const keys = [`${base}/a`, `${base}/a`, `${base}/b/ä`, `${base}x`]
    const uploads: { key: string; uploadId: string }[] = []
    for (const key of keys) uploads.push({ key, ...(await bench.store.createUpload(key)) })
    const plain = (list: readonly { key: string; uploadId: string }[]) =>
      list.map(({ key, uploadId }) => `${key} ${uploadId}`).toSorted()
    const found = await open(`${base}/`)
    expect(plain(found)).toEqual(plain(uploads.slice(0, 3)))
    expect(Math.abs(Date.now() - (found[0]?.startedAt.getTime() ?? 0))).toBeLessThan(300_000)
    for (const { key, uploadId } of uploads) await bench.store.abortUpload(key, uploadId)
    expect(await open(base)).toEqual([])
  })

  test.each([
    ['numbered 0', 0, 5],
    ['numbered 10,001', 10_001, 5],
    ['without bytes', 1, 0],
    ['above 5 GiB', 1, 5 * 1024 ** 3 + 1],
  ])('a part %s is refused', async (_, partNumber, size) => {
    const part = { uploadId: 'any', partNumber, size, expiresAt: soon() }
    await expectCode(bench.store.presignPart(freshKey(), part), 'invalid_part')
  })

  test('an upload that never began does not exist', async () => {
    const key = freshKey()
    const uploadId = '00000000-0000-4000-8000-000000000000'
    await expectCode(bench.store.listParts(key, uploadId), 'upload_not_found')
    await expectCode(bench.store.completeUpload(key, uploadId), 'upload_not_found')
    await bench.store.abortUpload(key, uploadId)
  })

  test('attributes and keys are checked when the upload begins', async () => {
    await expectCode(bench.store.createUpload(''), 'invalid_name')
    const attributes = { contentType: 'a\nb' }
    await expectCode(bench.store.createUpload(freshKey(), { attributes }), 'invalid_request')
  })
}

function bodyBytes(text: string): Uint8Array {
  return Buffer.from(text)
}
