import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compressionOptionsSchema, defaultOptions } from '../../codec/index.ts'
import { ensureIngestJob, requireBatch, upsertClusterJob } from '../../store/index.ts'
import { maxJsonBytes } from '../http/json-body.ts'
import { readBatch, readBatches, readCreated, readFiles, readProblem, readUploads } from '../testing/read.ts'
import { type Served, serve } from '../testing/serve.ts'
import type { Upload } from '../uploads/index.ts'

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const manifest = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}.txt`, size: 5 }))
const create = (body: unknown = {}, headers?: Record<string, string>) =>
  readCreated(s.post('/v1/batches', body, headers))
const put = (upload: Upload | undefined, body: string, headers = upload?.headers ?? {}) =>
  fetch(upload?.url ?? '', { method: 'PUT', body, headers })
const batch = (id: string) => readBatch(s.get(`/v1/batches/${id}`))
const files = (id: string, query = '') => readFiles(s.get(`/v1/batches/${id}/files${query}`))

describe('announcing files', () => {
  test('answers 201 with the batch, where it is, and the uploads', async () => {
    const response = await s.post('/v1/batches', {
      files: [{ name: 'a/ü.jpg', size: 5, type: 'image/jpeg', tags: { k: 'v' } }],
      tags: { album: 'x' },
    })
    const created = await readCreated(response.clone())
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe(`/v1/batches/${created.id}`)
    expect(created).toMatchObject({
      state: 'open',
      sealed: false,
      files: { total: 1, pending: 1 },
      tags: { album: 'x' },
      uploads: { items: [{ name: 'a/ü.jpg', method: 'PUT', headers: { 'content-type': 'image/jpeg' } }] },
    })
    expect(created.uploads.items[0]?.url).not.toContain('jpg')
    expect((await files(created.id)).items).toMatchObject([
      { name: 'a/ü.jpg', state: 'pending', size: 5, tags: { k: 'v' } },
    ])
  })

  test.each([{}, { minSavingsPercent: 9 }])(
    'takes options that name no class for every class (%j)',
    async (options) => {
      const { id } = await create({ options })
      const row = await requireBatch(s.store.db, 'default', id)
      expect(row.options).toEqual({ ...defaultOptions, ...options })
    },
  )

  test('gives the batch to the job it names, with all that is posted to it', async () => {
    await ensureIngestJob(s.store.db, { name: 'urgent', partitions: 4, maxAttempts: 5 })
    const urgent = await create({ job: 'urgent', files: manifest(1) })
    expect(urgent.job).toBe('urgent')
    const posted = await s.get(`/v1/files?batch=${urgent.id}&name=posted.txt`, {
      method: 'POST',
      body: 'text',
    })
    expect(await posted.json()).toMatchObject({ job: 'urgent' })
    expect((await create({})).job).toBe('default')
    await upsertClusterJob(s.store.db, {
      uid: 'uid-of-photos',
      namespace: 'shop',
      name: 'photos',
      topic: 'file-compression.shop.photos',
      consumerGroup: 'kompressor-workers.shop.photos',
      partitions: 4,
      maxAttempts: 5,
      initialBackoffMs: 1000,
      maxBackoffMs: 300_000,
      suspended: false,
    })
    expect((await create({ job: 'shop/photos' })).job).toBe('uid-of-photos')
    expect(await readProblem(s.post('/v1/batches', { job: 'photos' }))).toMatchObject({
      code: 'job_not_found',
    })
    const refused = await readProblem(s.post('/v1/batches', { job: 'nobodys' }))
    expect(refused).toMatchObject({ status: 404, code: 'job_not_found' })
  })

  test('takes the options of its job, or those the job has under a name', async () => {
    const images = compressionOptionsSchema.parse({ images: { format: 'WebP' } })
    const archive = compressionOptionsSchema.parse({ data: { codec: 'Zstd', level: 19 } })
    await upsertClusterJob(s.store.db, {
      uid: 'uid-of-lane',
      namespace: 'shop',
      name: 'lane',
      topic: 'file-compression.shop.lane',
      consumerGroup: 'kompressor-workers.shop.lane',
      partitions: 4,
      maxAttempts: 5,
      initialBackoffMs: 1000,
      maxBackoffMs: 300_000,
      suspended: false,
      intake: { options: images, profiles: { archive } },
    })
    const optionsOf = async (more: object) => {
      const { id } = await create({ job: 'shop/lane', ...more })
      return (await requireBatch(s.store.db, 'default', id)).options
    }
    expect(await optionsOf({})).toEqual(images)
    expect(await optionsOf({ profile: 'archive' })).toEqual(archive)
    expect(await optionsOf({ options: { data: {} } })).toEqual(compressionOptionsSchema.parse({ data: {} }))
    for (const [profile, job] of [
      ['toString', 'shop/lane'],
      ['archive', undefined],
    ]) {
      const refused = await readProblem(s.post('/v1/batches', { job, profile }))
      expect(refused).toMatchObject({ status: 422, code: 'profile_not_found' })
    }
  })

  test('gives all uploads, a hundred a page, each file once and in order', async () => {
    const created = await create({ files: manifest(250) })
    const names = created.uploads.items.map((upload) => upload.name)
    let cursor = created.uploads.nextCursor
    expect(names).toHaveLength(100)
    while (cursor !== undefined) {
      const page = await readUploads(s.get(`/v1/batches/${created.id}/uploads?cursor=${cursor}`))
      names.push(...page.items.map((upload) => upload.name))
      cursor = page.nextCursor
    }
    expect(names).toEqual(manifest(250).map((file) => file.name))
  })

  test.for([
    [[{ name: '../a', size: 1 }], 'invalid_name', '#/files/0/name', '".."'],
    [
      [
        { name: 'a', size: 1 },
        { name: '', size: 1 },
      ],
      'invalid_name',
      '#/files/1/name',
      'is empty',
    ],
    [[{ name: 'a\r\nb', size: 1 }], 'invalid_name', '#/files/0/name', 'control'],
    [[{ name: 'a\0', size: 1 }], 'invalid_name', '#/files/0/name', 'control'],
    [[{ name: 'x'.repeat(300), size: 1 }], 'invalid_name', '#/files/0/name', '300 bytes'],
    [[{ name: '\ud800', size: 1 }], 'invalid_name', '#/files/0/name', 'broken Unicode'],
    [
      [
        { name: 'a', size: 1 },
        { name: 'a', size: 2 },
      ],
      'duplicate_name',
      '#/files/1/name',
      'file 0',
    ],
    [
      [
        { name: 'u\u0308', size: 1 },
        { name: '\u00fc', size: 1 },
      ],
      'duplicate_name',
      '#/files/1/name',
      'file 0',
    ],
    [[{ name: 'a', size: 2 ** 40 }], 'file_too_large', '#/files/0/size', 'the limit is'],
    [[{ name: 'a', size: -1 }], 'invalid_request', '#/files/0/size', 'must be at least 0'],
    [[{ name: 'a', size: 1.5 }], 'invalid_request', '#/files/0/size', 'must be a whole number'],
    [[{ name: 'a' }], 'invalid_request', '#/files/0/size', 'is missing'],
    [[{ name: 'a', size: 1, colour: 'red' }], 'invalid_request', '#/files/0', 'there are name, size, type'],
    [[{ name: 'a', size: 1, type: 'x\r\ny' }], 'invalid_request', '#/files/0/type', 'media type'],
    [[{ name: 'a', size: 1, sha256: 'zz' }], 'invalid_request', '#/files/0/sha256', 'hexadecimal'],
    [[{ name: 'a', size: 1, tags: { k: '\0' } }], 'invalid_request', '#/files/0/tags/k', 'control'],
    [
      Array.from({ length: 10_001 }, (_, i) => ({ name: `${i}`, size: 1 })),
      'invalid_request',
      '#/files',
      '10000',
    ],
  ] as const)(
    'refuses a manifest that is wrong, naming the place (%#)',
    async ([given, code, pointer, detail]) => {
      expect(await readProblem(s.post('/v1/batches', { files: given }))).toMatchObject({
        code,
        errors: [{ pointer, detail: expect.stringContaining(detail) }],
      })
    },
  )

  test.for([
    [{ options: { images: { formt: 'WebP' } } }, '#/options/images', 'there are format, preset'],
    [{ options: { images: { quality: 0 } } }, '#/options/images/quality', 'must be at least 1'],
    [{ options: { images: { format: 'bmp' } } }, '#/options/images/format', 'WebP'],
    [{ options: { data: { codec: 'Gzip', level: 12 } } }, '#/options/data/level', 'Gzip levels are 1 to 9'],
    [{ profil: 'x' }, '#', 'there are files, job, options, profile, name, tags'],
    [{ profile: 'x', options: {} }, '#/profile', 'give options or profile, not both'],
    [[], '#', 'object'],
    [null, '#', 'object'],
  ] as const)('refuses options that are wrong, naming the place (%#)', async ([body, pointer, detail]) => {
    expect(await readProblem(s.post('/v1/batches', body))).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer, detail: expect.stringContaining(detail) }],
    })
  })

  test('lists several faults, but not without end', async () => {
    const given = Array.from({ length: 50 }, () => ({ name: '', size: 1 }))
    const problem = await readProblem(s.post('/v1/batches', { files: given }))
    expect(problem.errors).toHaveLength(20)
    expect(problem.detail).toContain('49 more')
  })

  test('wants JSON, all of it, and not too much', async () => {
    const post = (body: string, type?: string) =>
      readProblem(
        fetch(`${s.url}/v1/batches`, {
          method: 'POST',
          body,
          headers: type === undefined ? {} : { 'content-type': type },
        }),
      )
    expect(await post('{"files":[', 'application/json')).toMatchObject({
      code: 'malformed_json',
      status: 400,
    })
    expect(await post('', 'application/json')).toMatchObject({ code: 'malformed_json' })
    expect(await post('{}', 'text/plain')).toMatchObject({ code: 'unsupported_media_type', status: 415 })
    expect(await post('{}')).toMatchObject({ code: 'unsupported_media_type' })
    const big = `{"x":"${'x'.repeat(maxJsonBytes)}"}`
    expect(await post(big, 'application/json')).toMatchObject({ code: 'body_too_large', status: 413 })
    const chunked: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      body: new Blob([big]).stream(),
      duplex: 'half',
    }
    chunked.headers = { 'content-type': 'application/json' }
    expect(await readProblem(fetch(`${s.url}/v1/batches`, chunked))).toMatchObject({ code: 'body_too_large' })
  })
})

describe('Idempotency-Key', () => {
  test('gives the first batch again to the same manifest, and refuses another', async () => {
    const headers = { 'idempotency-key': 'batch-1' }
    const first = await create({ files: manifest(3) }, headers)
    const again = await s.post('/v1/batches', { files: manifest(3) }, headers)
    expect(again.status).toBe(201)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.headers.get('location')).toBe(`/v1/batches/${first.id}`)
    expect(await readCreated(again)).toEqual(first)
    expect(await readProblem(s.post('/v1/batches', { files: manifest(4) }, headers))).toMatchObject({
      code: 'idempotency_key_reused',
    })
  })

  test('makes one batch of many requests at once', async () => {
    const headers = { 'idempotency-key': 'batch-2' }
    const before = (await readBatches(s.get('/v1/batches?limit=1000'))).items.length
    const answers = await Promise.all(Array.from({ length: 8 }, () => s.post('/v1/batches', {}, headers)))
    const statuses = new Set(answers.map((answer) => answer.status))
    expect([...statuses].filter((status) => status !== 409)).toEqual([201])
    expect((await readBatches(s.get('/v1/batches?limit=1000'))).items.length).toBe(before + 1)
  })

  test('of a request that was refused is free again', async () => {
    const headers = { 'idempotency-key': 'batch-3' }
    expect(
      await readProblem(s.post('/v1/batches', { files: [{ name: '', size: 1 }] }, headers)),
    ).toMatchObject({ code: 'invalid_name' })
    await create({}, headers)
  })
})

describe('a signed upload', () => {
  const one = async (file: object = {}) => {
    const created = await create({ files: [{ name: 'a', size: 5, ...file }] })
    return { id: created.id, upload: created.uploads.items[0] }
  }

  test('stores exactly what was announced', async () => {
    const { id, upload } = await one()
    const stored = await put(upload, 'hello')
    expect(stored.status).toBe(200)
    expect(stored.headers.get('etag')).toMatch(/^".+"$/)
    await s.post(`/v1/batches/${id}/complete`, { files: [upload?.fileId] })
    expect(await (await s.get(`/v1/files/${upload?.fileId}/original`)).text()).toBe('hello')
  })

  test.for([
    ['another size', {}, 'hello!', undefined, 'size_mismatch', 422],
    ['no bytes', {}, '', undefined, 'size_mismatch', 422],
    [
      'another checksum',
      { sha256: createHash('sha256').update('hello').digest('hex') },
      'HELLO',
      undefined,
      'checksum_mismatch',
      422,
    ],
    ['another type', { type: 'image/png' }, 'hello', { 'content-type': 'image/jpeg' }, 'bad_signature', 403],
  ] as const)('of %s is refused and leaves nothing', async ([, file, body, headers, code, status]) => {
    const { id, upload } = await one(file)
    const blobs = await s.blobs()
    expect(await readProblem(put(upload, body, headers))).toMatchObject({ code, status })
    expect(await s.blobs()).toEqual(blobs)
    const complete = s.post(`/v1/batches/${id}/complete`, { files: [upload?.fileId] })
    expect(await readProblem(complete)).toMatchObject({ code: 'upload_missing', status: 409 })
  })

  test.for([
    (url: string) => url.replace(/signature=./, 'signature=_'),
    (url: string) => url.replace('size=5', 'size=6'),
    (url: string) => url.replace(/expires=\d/, 'expires=9'),
    (url: string) => url.replace('/in/default/', '/in/other/'),
    (url: string) => url.split('?')[0] ?? '',
  ])('changed in any part is not signed (%#)', async (change) => {
    const { upload } = await one()
    const answer = fetch(change(upload?.url ?? ''), { method: 'PUT', body: 'hello' })
    expect(await readProblem(answer)).toMatchObject({ code: 'bad_signature', status: 403 })
  })

  test('is not for reading, and not without signature', async () => {
    const { upload } = await one()
    expect(await readProblem(fetch(upload?.url ?? ''))).toMatchObject({ code: 'bad_signature' })
    expect(await readProblem(s.get('/objects/in/default/x'))).toMatchObject({ code: 'bad_signature' })
  })

  test('expires', async () => {
    const { upload } = await one()
    s.advance(86_400_001)
    try {
      expect(await readProblem(put(upload, 'hello'))).toMatchObject({ code: 'url_expired', status: 403 })
    } finally {
      s.advance(-86_400_001)
    }
  })

  test('for downloads answers with the object', async () => {
    const { upload } = await one({ type: 'text/html' })
    await put(upload, 'hello')
    const { url } = await s.objects.presignGet(`in/default/${upload?.fileId}`, {
      expiresAt: new Date(Date.now() + 60_000),
      contentDisposition: 'attachment; filename="x"',
    })
    const response = await fetch(url, { headers: { range: 'bytes=1-2' } })
    expect(await response.text()).toBe('el')
    expect(response.status).toBe(206)
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="x"')
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
  })
})

describe('completing', () => {
  test('queues what is uploaded, once, and seals without a list', async () => {
    const { id, uploads } = await create({ files: manifest(3) })
    for (const upload of uploads.items.slice(0, 2)) await put(upload, 'hello')
    const ids = uploads.items.map((upload) => upload.fileId)
    for (let i = 0; i < 2; i++) {
      const response = await s.post(`/v1/batches/${id}/complete`, { files: ids.slice(0, 2) })
      expect(response.status).toBe(202)
      expect(await readBatch(response)).toMatchObject({
        state: 'running',
        sealed: false,
        files: { queued: 2, pending: 1 },
      })
    }
    const sealed = await readBatch(s.post(`/v1/batches/${id}/complete`))
    expect(sealed).toMatchObject({ state: 'running', sealed: true, files: { queued: 2, pending: 1 } })
    // Announcing JSON and sending none is the same as no list.
    const again = fetch(`${s.url}/v1/batches/${id}/complete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
    expect(await readBatch(again)).toEqual(sealed)
    await put(uploads.items[2], 'hello')
    expect(await readBatch(s.post(`/v1/batches/${id}/complete`, { files: [ids[2]] }))).toMatchObject({
      files: { queued: 3 },
    })
    const tasks = await s.store.db.query.tasks.findMany({ where: (task, { eq }) => eq(task.batchId, id) })
    expect(tasks.map((task) => task.fileId).toSorted()).toEqual(ids)
  })

  test('queues nothing when a file is unknown or not there', async () => {
    const { id, uploads } = await create({ files: manifest(2) })
    await put(uploads.items[0], 'hello')
    const [first = '', second = ''] = uploads.items.map((upload) => upload.fileId)
    const complete = (ids: string[]) => readProblem(s.post(`/v1/batches/${id}/complete`, { files: ids }))
    expect(await complete([first, 'nope'])).toMatchObject({
      code: 'file_not_found',
      detail: expect.stringContaining('nope'),
    })
    expect(await complete([first, second])).toMatchObject({
      code: 'upload_missing',
      detail: expect.stringContaining(second),
    })
    expect(await complete([])).toMatchObject({ code: 'invalid_request' })
    expect(await batch(id)).toMatchObject({ files: { pending: 2, queued: 0 } })
  })

  test('an empty batch completes it at once', async () => {
    const { id } = await create()
    expect(await readBatch(s.post(`/v1/batches/${id}/complete`))).toMatchObject({
      state: 'completed',
      files: { total: 0 },
    })
  })
})
