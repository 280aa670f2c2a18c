import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFsObjectStore } from '../../internal/objects/index.ts'
import { corners, fixtures } from '../fixtures/index.ts'
import { colourAt, difference, meanDifference, seen } from '../fixtures/seen.ts'
import { startService } from '../support/service.ts'
import { type ApiFile, asJson, batchSchema, Client, createdSchema, type Problem, until } from './client.ts'
import { cutUpload } from './raw.ts'
import { childrenOf, leftovers, type Running, residentBytes, startRunning } from './running.ts'

const maxFileSize = 4 * 1024 * 1024

let service: Running
let client: Client
let photo: Buffer

beforeAll(async () => {
  service = await startRunning(['--max-file-size', '4MiB'])
  client = new Client(service.url)
  photo = await fixtures.photo()
}, 90_000)

afterAll(async () => {
  const { scratch, pending, keys, blobs } = await service.finish()
  expect({ scratch, pending }).toEqual({ scratch: [], pending: [] })
  expect(blobs).toBe(keys.length)
  expect(service.output()).not.toMatch(/"level":"(warn|error|fatal)"/)
}, 60_000)

describe('files that cannot be compressed end failed, with a code and a message that names the file', () => {
  const cases: [name: string, bytes: () => Buffer | Promise<Buffer>, code: string, says: RegExp][] = [
    ['truncated.jpg', () => fixtures.truncated(photo), 'truncated_input', /ends before .* again/],
    [
      'truncated.png',
      async () => fixtures.truncated(await fixtures.photo({ format: 'png' })),
      'truncated_input',
      /ends before .* again/,
    ],
    [
      'truncated.webp',
      async () => fixtures.truncated(await fixtures.photo({ format: 'webp' })),
      'truncated_input',
      /ends before .* again/,
    ],
    [
      'corrupt.png',
      async () => fixtures.corrupt(await fixtures.photo({ format: 'png' })),
      'corrupt_input',
      /damaged/,
    ],
    ['bomb.png', () => fixtures.bomb('png'), 'too_many_pixels', /3600\.0 megapixels; the limit is 50/],
    ['bomb.gif', () => fixtures.bomb('gif'), 'too_many_pixels', /megapixels; the limit is 50/],
    ['bomb.jpg', () => fixtures.bomb('jpeg'), 'too_many_pixels', /megapixels; the limit is 50/],
    [
      'ten-thousand-frames.gif',
      () => fixtures.animated({ width: 80, height: 64, frames: 10_000, delays: Array(10_000).fill(40) }),
      'too_many_pixels',
      /51\.2 megapixels/,
    ],
  ]
  test.for(cases)('%s', async ([name, bytes, code, says]) => {
    const file = await client.compress(await bytes(), { name })
    expect(file).toMatchObject({ state: 'failed', attempts: 1, error: { code } })
    expect(file.error?.message).toMatch(says)
    expect(file.error?.message).toContain(name)
    expect(file.error?.history).toHaveLength(1)
    expect((await client.refused(`/v1/files/${file.id}/content`)).code).toBe('no_output')
  })

  test('a JPEG damaged inside, whose decoder cannot tell, still ends', async () => {
    const file = await client.compress(fixtures.corrupt(photo), { name: 'corrupt.jpg' })
    expect(file.state === 'completed' || file.error?.code === 'corrupt_input').toBe(true)
  })
})

describe('files that are no images, or none that can be read here', () => {
  test.for(['elf', 'pdf', 'svg'] as const)('%s is data and comes back as it was', async (kind) => {
    const bytes = fixtures.foreign[kind]()
    const file = await client.compress(bytes, { name: `file.${kind}` })
    expect(file.result).toMatchObject({ outcome: 'compressed', outputs: [{ name: `file.${kind}.zst` }] })
    expect(zstdDecompressSync(await client.content(file))).toEqual(bytes)
  })

  test.for(['heic', 'jxl', 'cr2', 'dng'] as const)('%s is skipped, which is no failure', async (kind) => {
    const bytes = fixtures.foreign[kind]()
    const file = await client.compress(bytes, { name: `file.${kind}` })
    expect(file).toMatchObject({
      state: 'completed',
      result: { outcome: 'skipped', reason: 'unsupported_image' },
    })
    expect(await client.content(file)).toEqual(bytes)
  })

  test('a name and a type that lie change nothing: the bytes say what a file is', async () => {
    const headers = { 'content-type': 'application/pdf' }
    const file = await client.compress(photo, { name: 'report.png', headers })
    expect(file).toMatchObject({ type: 'image/jpeg', result: { outcome: 'compressed' } })
    expect(await sharp(await client.content(file)).metadata()).toMatchObject({ format: 'jpeg' })
  })
})

describe('unusual images look afterwards as they did before', () => {
  test.for([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %d', async (orientation) => {
    const query = { format: 'WebP', minSavingsPercent: '0' }
    const output = await outputOf(await fixtures.oriented(orientation), 'turned.jpg', query)
    const image = await seen(output)
    expect([image.width, image.height]).toEqual([96, 64])
    expect(difference(colourAt(image, 0.1, 0.1), corners.topLeft)).toBeLessThan(20)
    expect(difference(colourAt(image, 0.9, 0.1), corners.topRight)).toBeLessThan(20)
    expect(difference(colourAt(image, 0.1, 0.9), corners.bottomLeft)).toBeLessThan(20)
  })

  test('CMYK becomes sRGB of the same colours', async () => {
    const bytes = await fixtures.cmykJpeg()
    const output = await outputOf(bytes, 'print.jpg')
    expect(await sharp(output).metadata()).toMatchObject({ space: 'srgb', channels: 3 })
    expect(meanDifference(await seen(output), await seen(bytes))).toBeLessThan(8)
  })

  test('16 bits a channel become 8 in a format that has no more', async () => {
    const bytes = await fixtures.png16()
    const output = await outputOf(bytes, 'deep.png', { format: 'AVIF' })
    expect(await sharp(output).metadata()).toMatchObject({ compression: 'av1', depth: 'uchar' })
    expect(meanDifference(await seen(output), await seen(bytes))).toBeLessThan(8)
  })

  test('transparency asked for as JPEG does not turn black', async () => {
    const output = await outputOf(await fixtures.alphaPhoto(), 'cutout.png', { format: 'JPEG' })
    expect(await sharp(output).metadata()).toMatchObject({ format: 'jpeg', hasAlpha: false })
    expect(difference(colourAt(await seen(output), 0, 0), [255, 255, 255])).toBeLessThan(12)
  })

  test('an animation keeps its frames, their times and its loops', async () => {
    const bytes = await fixtures.animated({ width: 320, height: 240, frames: 8, loop: 2 })
    const output = await outputOf(bytes, 'moving.gif', { format: 'WebP', minSavingsPercent: '0' })
    const { pages, delay, loop } = await sharp(bytes, { animated: true }).metadata()
    expect(await sharp(output, { animated: true }).metadata()).toMatchObject({ pages, delay, loop })
  })
})

describe('uploads that are not what they should be', () => {
  test('nothing at all', async () => {
    expectProblem(await client.refusedFile(Buffer.alloc(0), { name: 'empty.jpg' }), 422, 'empty_file')
    const file = await viaManifest({ name: 'empty.jpg', size: 0 }, Buffer.alloc(0))
    expect(file).toMatchObject({ state: 'failed', error: { code: 'empty_file' } })
  })

  test('more bytes than the limit, announced or not', async () => {
    const large = Buffer.alloc(maxFileSize + 1)
    const problem = await client.refusedFile(large, { name: 'large.bin' })
    expectProblem(problem, 413, 'file_too_large')
    expect(problem.detail).toMatch(/large\.bin.*4194304 bytes/)
    const unannounced = await client.refused('/v1/files?name=large.bin', {
      method: 'POST',
      body: new Blob([large]).stream(),
      duplex: 'half',
    })
    expectProblem(unannounced, 413, 'file_too_large')
    const manifest = { files: [{ name: 'large.bin', size: large.length }] }
    expectProblem(await client.refused('/v1/batches', asJson(manifest)), 413, 'file_too_large')
  })

  test('another size than announced', async () => {
    const [upload] = (await announced({ name: 'a.jpg', size: photo.length })).uploads.items
    if (upload === undefined) throw new Error('no upload was signed')
    const { url, headers, fileId } = upload
    for (const body of [photo.subarray(1), Buffer.concat([photo, Buffer.alloc(1)])]) {
      const refusal = await client.refused(url, { method: 'PUT', headers, body: new Uint8Array(body) })
      expectProblem(refusal, 422, 'size_mismatch')
    }
    expect((await client.file(fileId)).state).toBe('pending')
  })

  test('another checksum than announced', async () => {
    const wrong = createHash('sha256').update('something else').digest('hex')
    const { uploads } = await announced({ name: 'a.jpg', size: photo.length, sha256: wrong })
    const { url = '', headers = {} } = uploads.items[0] ?? {}
    const refusal = await client.refused(url, { method: 'PUT', headers, body: new Uint8Array(photo) })
    expectProblem(refusal, 422, 'checksum_mismatch')
    const alone = await client.refusedFile(photo, { name: 'a.jpg', query: { sha256: wrong } })
    expectProblem(alone, 422, 'checksum_mismatch')
  })

  test('cut off half-way: nothing is accepted and nothing stays', async () => {
    const before = await leftovers(service.dataDir)
    const { id, uploads } = await announced({ name: 'cut.jpg', size: photo.length })
    const answered = await requests()
    const signed = new URL(uploads.items[0]?.url ?? '')
    const sent = photo.subarray(0, 2000)
    const declared = photo.length
    await cutUpload(service.url, { method: 'POST', path: '/v1/files?name=cut.jpg', declared, sent })
    await cutUpload(service.url, { method: 'PUT', path: signed.pathname + signed.search, declared, sent })
    await until('both to be noticed', async () => (await requests()) === answered + 2 || undefined)
    await until('the store to be as before', async () => {
      const now = await leftovers(service.dataDir)
      return (now.blobs === before.blobs && now.pending.length === 0) || undefined
    })
    const fileId = uploads.items[0]?.fileId
    const refusal = await client.refused(`/v1/batches/${id}/complete`, asJson({ files: [fileId] }))
    expectProblem(refusal, 409, 'upload_missing')
  })

  test('a signed URL that has expired, or was changed', async () => {
    // The shortest life of a URL is a minute: this one is signed with the service's own secret, in the past.
    const store = await createFsObjectStore({
      root: join(service.dataDir, '..', 'elsewhere'),
      secret: await readFile(join(service.dataDir, 'secret')),
      publicUrl: service.url,
    })
    const { url, headers } = await store.presignPut('in/default/old', {
      expiresAt: new Date(Date.now() - 1000),
      size: photo.length,
    })
    const put = { method: 'PUT', headers, body: new Uint8Array(photo) }
    expectProblem(await client.refused(url, put), 403, 'url_expired')
    expectProblem(await client.refused(url.replace('old', 'new'), put), 403, 'bad_signature')
    expectProblem(await client.refused('/objects/in/default/old', put), 403, 'bad_signature')
  })
})

describe('names that would do harm are refused', () => {
  const names: [what: string, name: string, says: RegExp][] = [
    ['a way out of the folder', '../../etc/passwd', /"\.\."/],
    ['a way out in the middle', 'a/../../b', /"\.\."/],
    ['an absolute path', '/etc/passwd', /absolute/],
    ['a line break', 'a\r\nSet-Cookie: b', /control characters/],
    ['a NUL', 'a\0.jpg', /control characters/],
    ['300 characters', 'x'.repeat(300), /300 bytes; 255/],
    ['nothing', '', /is empty/],
  ]
  test.for(names)('%s', async ([, name, says]) => {
    const alone = await client.refusedFile(photo, { name })
    expectProblem(alone, 400, 'invalid_name')
    expect(alone.detail).toMatch(says)
    const manifest = {
      files: [
        { name: 'good.jpg', size: 1 },
        { name, size: 1 },
      ],
    }
    const listed = await client.refused('/v1/batches', asJson(manifest))
    expectProblem(listed, 400, 'invalid_name')
    expect(listed.detail).toContain('#/files/1/name')
  })

  test('the same name twice', async () => {
    const files = [
      { name: 'a.jpg', size: 1 },
      { name: 'b.jpg', size: 1 },
      { name: 'a.jpg', size: 2 },
    ]
    const problem = await client.refused('/v1/batches', asJson({ files }))
    expectProblem(problem, 400, 'duplicate_name')
    expect(problem.detail).toMatch(/files\/2.*"a\.jpg".*file 0/)
    const { id } = await client.post('/v1/batches', createdSchema, { files: files.slice(0, 2) })
    const late = await client.refusedFile(photo, { name: 'b.jpg', query: { batch: id } })
    expectProblem(late, 400, 'duplicate_name')
  })
})

describe('requests that make no sense are refused', () => {
  const batch = (body: string) => ({ ...asJson({}), body })
  const requests: [
    what: string,
    path: string,
    init: RequestInit,
    status: number,
    code: string,
    says: RegExp,
  ][] = [
    ['malformed JSON', '/v1/batches', batch('{"files": ['), 400, 'malformed_json', /not JSON/],
    ['no body', '/v1/batches', batch(''), 400, 'malformed_json', /not JSON/],
    ['another type', '/v1/batches', { method: 'POST', body: 'a=b' }, 415, 'unsupported_media_type', /json/],
    [
      'an unknown option',
      '/v1/batches',
      asJson({ options: { images: { qualty: 80 } } }),
      400,
      'invalid_request',
      /#\/options\/images.*"qualty".*quality/,
    ],
    [
      'an option out of range',
      '/v1/batches',
      asJson({ options: { images: { quality: 101 } } }),
      400,
      'invalid_request',
      /#\/options\/images\/quality.*100/,
    ],
    [
      'options that exclude each other',
      '/v1/batches',
      asJson({ options: { images: { quality: 80, targetQuality: 80 } } }),
      400,
      'invalid_request',
      /not both/,
    ],
    ['an unknown file', `/v1/files/${randomUUID()}`, {}, 404, 'file_not_found', /there is no file/],
    [
      'an unknown batch',
      `/v1/batches/${randomUUID()}/files`,
      {},
      404,
      'batch_not_found',
      /there is no batch/,
    ],
    ['what is no id', '/v1/files/a%20b', {}, 404, 'not_found', /id/],
    ['an unknown address', '/v2/files', {}, 404, 'not_found', /openapi/],
    ['an unknown method', '/v1/batches', { method: 'PATCH' }, 405, 'method_not_allowed', /GET/],
  ]
  test.for(requests)('%s', async ([, path, init, status, code, says]) => {
    const problem = await client.refused(path, init)
    expectProblem(problem, status, code)
    expect(problem.detail).toMatch(says)
  })

  test.for([
    ['an unknown option', { qualty: '80' }, /"qualty".*quality/],
    ['an option out of range', { quality: '900' }, /^quality: .*100/],
    ['an option that is none of those there are', { format: 'JXL' }, /^format: .*AVIF/],
  ] as const)('%s in the query', async ([, query, says]) => {
    const problem = await client.refusedFile(photo, { name: 'a.jpg', query })
    expectProblem(problem, 400, 'invalid_request')
    expect(problem.detail).toMatch(says)
  })

  test('an Idempotency-Key used again for something else', async () => {
    const key = { 'idempotency-key': 'mine' }
    const first = await client.request('/v1/batches', asJson({ tags: { a: '1' } }, key))
    const again = await client.request('/v1/batches', asJson({ tags: { a: '1' } }, key))
    expect(await again.json()).toEqual(await first.json())
    const other = await client.refused('/v1/batches', asJson({ tags: { a: '2' } }, key))
    expectProblem(other, 422, 'idempotency_key_reused')
    expect(other.detail).toContain('new key')
  })

  test('a second process on the same data', async () => {
    const second = startService({ dataDir: service.dataDir })
    await expect(second).rejects.toThrow(/another process uses the data directory .*--data-dir/)
  })
})

test('after all that the service is well, idle and not much larger', async () => {
  expect((await client.request('/readyz')).status).toBe(200)
  expect(await client.compress(photo, { name: 'last.jpg' })).toMatchObject({ state: 'completed' })
  const metrics = await until('the slots to be idle', async () => {
    const text = await (await client.request('/metrics')).text()
    return text.includes('kompressor_pool_slots{state="busy"} 0') ? text : undefined
  })
  expect(metrics).not.toMatch(/kompressor_pool_starts_total\{reason="(killed|crashed)"\} [1-9]/)
  const { scratch, pending } = await leftovers(service.dataDir)
  expect({ scratch, pending }).toEqual({ scratch: [], pending: [] })
  expect((await childrenOf(service.pid)).length).toBeLessThanOrEqual(3)
  expect((await residentBytes(service.pid)) ?? 0).toBeLessThan(1024 ** 3)
})

/** Uploads whose connections have ended, well or not. */
async function requests(): Promise<number> {
  const metrics = await (await client.request('/metrics')).text()
  const uploads =
    /^kompressor_http_requests_total\{method="(?:POST|PUT)",route="\/(?:v1\/files|objects\/\*)".*\} (\d+)$/gm
  return [...metrics.matchAll(uploads)].reduce((sum, [, count]) => sum + Number(count), 0)
}

function expectProblem(problem: Problem, status: number, code: string): void {
  expect(problem).toMatchObject({ status, code })
  // Says more than the code does.
  expect(problem.detail.length).toBeGreaterThan(10)
}

async function outputOf(bytes: Buffer, name: string, query: Record<string, string> = {}): Promise<Buffer> {
  const file = await client.compress(bytes, { name, query })
  expect(file.result?.outcome).toBe('compressed')
  return client.content(file)
}

interface Announcement {
  name: string
  size: number
  sha256?: string
}

function announced(file: Announcement) {
  return client.post('/v1/batches', createdSchema, { files: [file] })
}

/** A file on the way of batches: announced, put to its signed URL, completed. */
async function viaManifest(file: Announcement, bytes: Buffer): Promise<ApiFile> {
  const { id, uploads } = await announced(file)
  const { url = '', headers = {}, fileId = '' } = uploads.items[0] ?? {}
  const put = await client.request(url, { method: 'PUT', headers, body: new Uint8Array(bytes) })
  expect(put.status).toBe(200)
  await client.post(`/v1/batches/${id}/complete`, batchSchema, { files: [fileId] })
  return client.ended(fileId)
}
