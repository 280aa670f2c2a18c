import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { cancelFile } from '../../store/index.ts'
import { readBatch, readCreated, reader, readFile, readProblem } from '../testing/read.ts'
import { type Served, serve } from '../testing/serve.ts'
import {
  completedUploadSchema,
  multipartUploadSchema,
  type SignedPart,
  signedPartSchema,
  uploadedPartSchema,
} from './schema.ts'

const MiB = 1024 ** 2

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const readUpload = reader(multipartUploadSchema)
const readSigned = reader(z.object({ items: z.array(signedPartSchema) }))
const readParts = reader(z.object({ items: z.array(uploadedPartSchema) }))
const readCompleted = reader(completedUploadSchema)

async function announce(size: number, file: Record<string, unknown> = {}) {
  const created = await readCreated(s.post('/v1/batches', { files: [{ name: 'a.bin', size, ...file }] }))
  const [upload] = created.uploads.items
  if (upload === undefined) throw new Error('there is no upload')
  return { batchId: created.id, fileId: upload.fileId, upload }
}

async function begin(fileId: string) {
  const upload = await readUpload(s.post(`/v1/files/${fileId}/uploads`))
  return { ...upload, path: `/v1/files/${fileId}/uploads/${upload.uploadId}` }
}

async function sign(path: string, ...partNumbers: number[]): Promise<SignedPart[]> {
  return (await readSigned(s.post(`${path}/parts`, { partNumbers }))).items
}

const put = (part: SignedPart | undefined, body: Uint8Array<ArrayBuffer>, headers = {}) =>
  fetch(part?.url ?? '', { method: 'PUT', body, headers: { ...part?.headers, ...headers } })

/** Cuts, signs and sends as a browser does. */
async function sendParts(path: string, bytes: Buffer<ArrayBuffer>, partSize: number, numbers: number[]) {
  const parts: { partNumber: number; etag: string }[] = []
  for (const part of await sign(path, ...numbers)) {
    const start = (part.partNumber - 1) * partSize
    const response = await put(part, bytes.subarray(start, start + partSize))
    expect(response.status).toBe(200)
    parts.push({ partNumber: part.partNumber, etag: response.headers.get('etag') ?? '' })
  }
  return parts
}

describe('uploading in parts', () => {
  test('is offered for files above 64 MiB, which may be sent whole all the same', async () => {
    const { upload } = await announce(64 * MiB + 1)
    expect(upload).toMatchObject({ method: 'PUT', multipart: { partSize: 16 * MiB, parts: 5 } })
    expect((await announce(64 * MiB)).upload).not.toHaveProperty('multipart')
  })

  test('makes the file of its parts, whatever their order, and the file is then like any other', async () => {
    const bytes = randomBytes(65 * MiB)
    const { batchId, fileId } = await announce(bytes.length, { type: 'image/png' })
    const begun = await s.post(`/v1/files/${fileId}/uploads`)
    expect(begun.status).toBe(201)
    const upload = await readUpload(begun)
    expect(upload).toMatchObject({ fileId, size: bytes.length, partSize: 16 * MiB, parts: 5 })
    const path = `/v1/files/${fileId}/uploads/${upload.uploadId}`
    const parts = await sendParts(path, bytes, upload.partSize, [5, 1, 3, 2, 4])
    const missing = await readProblem(s.post(`/v1/batches/${batchId}/complete`, { files: [fileId] }))
    expect(missing.code).toBe('upload_missing')

    const completed = await readCompleted(s.post(`${path}/complete`, { parts }))
    expect(completed).toMatchObject({ fileId, size: bytes.length })
    expect(await s.objects.head(upload.key)).toMatchObject({
      size: bytes.length,
      etag: completed.etag,
      attributes: { contentType: 'image/png' },
    })
    await readBatch(s.post(`/v1/batches/${batchId}/complete`, { files: [fileId] }))
    const original = await fetch(completed.location)
    expect(Buffer.from(await original.arrayBuffer()).equals(bytes)).toBe(true)
  })

  test('goes on where it was cut: it is found again, its parts are listed, the rest is sent', async () => {
    const bytes = randomBytes(40 * MiB)
    const { fileId } = await announce(bytes.length)
    const { path, partSize, uploadId } = await begin(fileId)
    await sendParts(path, bytes, partSize, [1, 3])

    const again = await s.post(`/v1/files/${fileId}/uploads`)
    expect(again.status).toBe(200)
    expect((await readUpload(again)).uploadId).toBe(uploadId)
    const { items } = await readParts(s.get(`${path}/parts`))
    expect(items.map(({ partNumber, size }) => [partNumber, size])).toEqual([
      [1, 16 * MiB],
      [3, 8 * MiB],
    ])
    await sendParts(path, bytes, partSize, [2])
    expect(await readCompleted(s.post(`${path}/complete`))).toMatchObject({ size: bytes.length })
  })

  test('is completed once, and answered again when the answer was lost', async () => {
    const bytes = randomBytes(100)
    const { batchId, fileId } = await announce(bytes.length)
    const { path, partSize } = await begin(fileId)
    const parts = await sendParts(path, bytes, partSize, [1])
    const first = await readCompleted(s.post(`${path}/complete`, { parts }))
    expect(await readCompleted(s.post(`${path}/complete`, { parts }))).toEqual(first)
    await s.post(`/v1/batches/${batchId}/complete`, { files: [fileId] })
    expect(await readCompleted(s.post(`${path}/complete`, { parts }))).toEqual(first)
    expect(await readProblem(s.get(`${path}/parts`))).toMatchObject({ code: 'upload_not_found', status: 404 })
  })

  test('is not completed while parts are missing, and nothing is lost by trying', async () => {
    const bytes = randomBytes(20 * MiB)
    const { fileId } = await announce(bytes.length)
    const { path, partSize } = await begin(fileId)
    const complete = (body?: unknown) => readProblem(s.post(`${path}/complete`, body))
    expect(await complete()).toMatchObject({ code: 'invalid_part', status: 409 })
    const [first] = await sendParts(path, bytes, partSize, [1])
    expect(await complete({ parts: [first] })).toMatchObject({ code: 'size_mismatch', status: 422 })
    expect(await complete({ parts: [first, { partNumber: 2, etag: 'x' }] })).toMatchObject({
      code: 'invalid_part',
    })
    await sendParts(path, bytes, partSize, [2])
    expect(await readCompleted(s.post(`${path}/complete`))).toMatchObject({ size: bytes.length })
  })

  test('is for files that wait for their bytes', async () => {
    const begun = await announce(100)
    const { path } = await begin(begun.fileId)
    await cancelFile(s.store.db, { tenantId: 'default', fileId: begun.fileId, now: new Date() })
    const alone = await readFile(fetch(`${s.url}/v1/files?name=x`, { method: 'POST', body: 'bytes' }))
    const empty = await announce(0)
    const attempts = [
      [s.post(`/v1/files/${begun.fileId}/uploads`), 'not_pending', 409],
      [s.post(`${path}/parts`, { partNumbers: [1] }), 'not_pending', 409],
      [s.post(`${path}/complete`), 'not_pending', 409],
      [s.post(`/v1/files/${alone.id}/uploads`), 'not_pending', 409],
      [s.post(`/v1/files/${empty.fileId}/uploads`), 'empty_file', 422],
      [s.post('/v1/files/nope/uploads'), 'file_not_found', 404],
      [s.get(`/v1/files/${begun.fileId}/uploads/nope/parts`), 'upload_not_found', 404],
    ] as const
    for (const [answer, code, status] of attempts)
      expect(await readProblem(answer)).toMatchObject({ code, status })
  })

  test('ends with the time the file waits', async () => {
    const { fileId } = await announce(100)
    const { path } = await begin(fileId)
    const [part] = await sign(path, 1)
    s.advance(86_400_001)
    try {
      expect(await readProblem(put(part, randomBytes(100)))).toMatchObject({ code: 'url_expired' })
      for (const answer of [s.post(`${path}/parts`, { partNumbers: [1] }), s.post(`${path}/complete`)])
        expect(await readProblem(answer)).toMatchObject({ code: 'upload_expired', status: 410 })
    } finally {
      s.advance(-86_400_001)
    }
  })

  test('can be given up, which leaves nothing and may be repeated', async () => {
    const before = await s.blobs()
    const { fileId } = await announce(100)
    const { path, uploadId } = await begin(fileId)
    const [part] = await sign(path, 1)
    await put(part, randomBytes(100))
    const end = () => fetch(`${s.url}${path}`, { method: 'DELETE' })
    expect([(await end()).status, (await end()).status]).toEqual([204, 204])
    expect(await s.blobs()).toEqual(before)
    expect(await readProblem(put(part, randomBytes(100)))).toMatchObject({ code: 'upload_not_found' })
    expect((await begin(fileId)).uploadId).not.toBe(uploadId)
  })

  test.for([
    [{ partNumbers: [] }, 'invalid_request', '#/partNumbers'],
    [{ partNumbers: [0] }, 'invalid_request', '#/partNumbers/0'],
    [{ partNumbers: Array.from({ length: 101 }, (_, i) => i + 1) }, 'invalid_request', '#/partNumbers'],
  ] as const)('refuses to sign what are no parts (%#)', async ([body, code, pointer]) => {
    const { fileId } = await announce(100)
    const { path } = await begin(fileId)
    const problem = await readProblem(s.post(`${path}/parts`, body))
    expect(problem).toMatchObject({ code, errors: [{ pointer }] })
    const beyond = await readProblem(s.post(`${path}/parts`, { partNumbers: [2] }))
    expect(beyond).toMatchObject({ code: 'invalid_part', detail: expect.stringContaining('1 parts') })
  })
})

describe('pages of another origin', () => {
  const origin = 'https://app.example.com'

  test('may use signed URLs, and read the ETag of what they put', async () => {
    const { fileId } = await announce(5)
    const { path } = await begin(fileId)
    const [part] = await sign(path, 1)
    const preflight = await fetch(part?.url ?? '', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
    expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type')
    const response = await put(part, Buffer.from('bytes'), { origin })
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-expose-headers')).toContain('ETag')
  })

  test('may neither begin nor complete an upload', async () => {
    const { fileId } = await announce(5)
    const answer = s.post(`/v1/files/${fileId}/uploads`, undefined, { origin })
    expect(await readProblem(answer)).toMatchObject({ code: 'origin_not_allowed' })
  })
})
