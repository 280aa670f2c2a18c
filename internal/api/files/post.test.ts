import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBatch, readCreated, readFile, readFiles, readItems, readProblem } from '../testing/read.ts'
import { completeFile } from '../testing/rows.ts'
import { type Served, serve } from '../testing/serve.ts'

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const photo = Buffer.from('not really a photograph')
const sha256 = createHash('sha256').update(photo).digest('hex')

const send = (query = '', init: RequestInit = {}) =>
  fetch(`${s.url}/v1/files${query}`, { method: 'POST', body: photo, ...init })

const form = (files: [name: string, contents: string | Buffer][], fields: Record<string, string> = {}) => {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  for (const [name, contents] of files) data.append('file', new Blob([contents], { type: 'image/png' }), name)
  return data
}

async function storedBytes(fileId: string): Promise<Buffer> {
  const { body } = await s.objects.get(`in/default/${fileId}`)
  return buffer(body)
}

describe('a raw body', () => {
  test('is stored and queued, and the answer says where the file is', async () => {
    const response = await send('?name=a/b.jpg&tag=album:summer&tag=year:2026', {
      headers: { 'content-type': 'image/jpeg' },
    })
    const file = await readFile(response)
    expect(response.status).toBe(202)
    expect(response.headers.get('location')).toBe(`/v1/files/${file.id}`)
    expect(file).toMatchObject({
      name: 'a/b.jpg',
      state: 'queued',
      size: photo.length,
      type: 'image/jpeg',
      tags: { album: 'summer', year: '2026' },
      attempts: 1,
      job: 'default',
    })
    expect(await storedBytes(file.id)).toEqual(photo)
    expect(await readFile(s.get(`/v1/files/${file.id}`))).toEqual(file)
  })

  test('takes its name from Content-Disposition, and has one without', async () => {
    const named = await send('', {
      headers: { 'content-disposition': `attachment; filename*=UTF-8''%C3%BC.png` },
    })
    expect(await named.json()).toMatchObject({ name: 'ü.png' })
    expect(await (await send()).json()).toMatchObject({ name: 'file' })
  })

  test('takes options as parameters, in any case', async () => {
    const response = await send('?format=WEBP&preset=fast&quality=80&maxWidth=100')
    const { batchId } = await readFile(response)
    const batch = await s.store.db.query.batches.findFirst({
      where: (batches, { eq }) => eq(batches.id, batchId),
    })
    expect(batch?.options.images).toMatchObject({
      format: 'WebP',
      preset: 'Fast',
      quality: 80,
      resize: { maxWidth: 100 },
    })
    expect(batch).toMatchObject({ implicit: true, sealed: true, queued: 1 })
  })

  test.for([
    ['?formt=WebP', /unknown: "formt"; there are .*format/],
    ['?quality=101', /quality/],
    ['?quality=80&targetQuality=70', /targetQuality/],
    ['?minScore=80&targetQuality=70', /minScore/],
    ['?format=bmp', /format/],
    ['?sha256=abc', /sha256: must be 64/],
    ['?tag=nocolon', /tag: write it as key:value/],
    ['?batch=%00', /batch: is not an id/],
  ] as const)('%s is refused by name', async ([query, detail]) => {
    expect(await readProblem(send(query))).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringMatching(detail),
    })
  })

  test.for(['', '../x', '/etc/passwd', 'a\0b', 'a\r\nb', 'a\\b', 'x'.repeat(300), '.', 'a//b'])(
    'the name %j is refused, saying why, and nothing is stored',
    async (name) => {
      const before = await s.blobs()
      const body = await readProblem(send(`?name=${encodeURIComponent(name)}`))
      expect(body).toMatchObject({ code: 'invalid_name', status: 400 })
      expect(await s.blobs()).toEqual(before)
    },
  )

  test('that is empty is refused with its own code', async () => {
    expect(await readProblem(send('', { body: '' }))).toMatchObject({ code: 'empty_file', status: 422 })
  })

  test.for([
    ['?sha256=', {}, sha256],
    ['', { 'content-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:` }, ''],
    ['', { digest: `sha-256=${Buffer.from(sha256, 'hex').toString('base64')}` }, ''],
  ] as const)(
    'is checked against the checksum that comes with it (%s %j)',
    async ([query, headers, value]) => {
      expect((await send(query + value, { headers })).status).toBe(202)
      const before = await s.blobs()
      const other = await send(query + value, { headers, body: 'something else' })
      expect(await readProblem(other)).toMatchObject({ code: 'checksum_mismatch' })
      expect(await s.blobs()).toEqual(before)
    },
  )
})

describe('a form', () => {
  test('with one file is answered like a raw body', async () => {
    const response = await send('?format=avif', { body: form([['folder/ü.png', photo]]) })
    const file = await readFile(response)
    expect(response.status).toBe(202)
    expect(response.headers.get('location')).toBe(`/v1/files/${file.id}`)
    expect(file).toMatchObject({ name: 'folder/ü.png', type: 'image/png', size: photo.length })
    expect(await storedBytes(file.id)).toEqual(photo)
  })

  test('takes options as one JSON field or as single fields before the file', async () => {
    for (const fields of [{ options: '{"images":{"format":"webp"}}' }, { format: 'webp', quality: '70' }]) {
      const { batchId } = await readFile(send('', { body: form([['a.png', 'x']], fields) }))
      const batch = await s.store.db.query.batches.findFirst({
        where: (batches, { eq }) => eq(batches.id, batchId),
      })
      expect(batch?.options.images).toMatchObject({ format: 'WebP' })
    }
  })

  test('with several files gets one item for each, good or bad', async () => {
    const before = await s.blobs()
    const response = await send('', {
      body: form([
        ['a.png', 'x'],
        ['../b.png', 'y'],
        ['c.png', ''],
        ['d.png', 'z'],
      ]),
    })
    const { items } = await readItems(response)
    expect(response.status).toBe(202)
    expect(items).toMatchObject([
      { name: 'a.png', file: { state: 'queued' } },
      { name: '../b.png', problem: { code: 'invalid_name' } },
      { name: 'c.png', problem: { code: 'empty_file' } },
      { name: 'd.png', file: { state: 'queued' } },
    ])
    expect((await s.blobs()).length - before.length).toBe(4)
  })

  test('of which nothing can be used is refused as a whole', async () => {
    const response = await send('', {
      body: form([
        ['../a.png', 'x'],
        ['/b.png', 'y'],
      ]),
    })
    expect(response.status).toBe(422)
    expect((await readItems(response)).items).toHaveLength(2)
  })

  test.for([
    [() => form([]), 'invalid_request', 'no file'],
    [() => form([['a.png', 'x']], { options: '{' }), 'malformed_json', 'options'],
    [
      () => form([['a.png', 'x']], { options: '{"images":{"formt":1}}' }),
      'invalid_request',
      'there are format',
    ],
    [() => form([['a.png', 'x']], { colour: 'red' }), 'invalid_request', 'unknown field "colour"'],
    [() => form([['a.png', 'x']], { options: '{}', format: 'webp' }), 'invalid_request', 'not both'],
    [() => form([['a.png', 'x']], { quality: '1000' }), 'invalid_request', 'quality'],
    [() => form([['../a.png', 'x']]), 'invalid_name', '".."'],
    [() => form(Array.from({ length: 101 }, (_, i) => [`${i}`, 'x'])), 'invalid_request', '100 files'],
  ] as const)('is refused when it is wrong (%#)', async ([body, code, detail]) => {
    const before = await s.blobs()
    expect(await readProblem(send('', { body: body() }))).toMatchObject({
      code,
      detail: expect.stringContaining(detail),
    })
    expect(await s.blobs()).toEqual(before)
  })

  test('that gives options which the query gives too is refused, and leaves nothing', async () => {
    const before = await s.blobs()
    const body = form([['a.png', 'x']], { format: 'webp' })
    expect(await readProblem(send('?quality=80', { body }))).toMatchObject({
      detail: expect.stringContaining('options once'),
    })
    expect(await s.blobs()).toEqual(before)
  })

  test('whose options come after the file, or that has no boundary, is refused', async () => {
    const late = form([['a.png', 'x']])
    late.append('format', 'webp')
    expect(await readProblem(send('', { body: late }))).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('before the files'),
    })
    const headers = { 'content-type': 'multipart/form-data' }
    expect(await readProblem(send('', { headers }))).toMatchObject({ detail: 'the form has no boundary' })
  })
})

describe('a file of a batch', () => {
  const create = async () =>
    (await readCreated(s.post('/v1/batches', { options: { images: { format: 'WebP' } } }))).id

  test('is added to it, and may not repeat a name', async () => {
    const id = await create()
    expect((await send(`?batch=${id}&name=a.png`)).status).toBe(202)
    const before = await s.blobs()
    expect(await readProblem(send(`?batch=${id}&name=a.png`))).toMatchObject({ code: 'duplicate_name' })
    expect(await s.blobs()).toEqual(before)
    expect(await readBatch(s.get(`/v1/batches/${id}`))).toMatchObject({ files: { total: 1, queued: 1 } })
  })

  test('of a form is refused alone when its name is taken', async () => {
    const id = await create()
    const body = form([
      ['a.png', 'x'],
      ['a.png', 'y'],
      ['b.png', 'z'],
    ])
    const before = (await s.objects.list({ prefix: 'in/' })).items.length
    const { items } = await readItems(send(`?batch=${id}`, { body }))
    expect(items).toMatchObject([{ file: {} }, { problem: { code: 'duplicate_name' } }, { file: {} }])
    expect((await s.objects.list({ prefix: 'in/' })).items.length).toBe(before + 2)
    expect(await readBatch(s.get(`/v1/batches/${id}`))).toMatchObject({ files: { total: 2 } })
  })

  test('is refused for an unknown or sealed batch, or with options of its own', async () => {
    expect(await readProblem(send('?batch=nope'))).toMatchObject({ code: 'batch_not_found', status: 404 })
    const id = await create()
    expect(await readProblem(send(`?batch=${id}&format=avif`))).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('options once'),
    })
    await s.post(`/v1/batches/${id}/complete`)
    expect(await readProblem(send(`?batch=${id}`))).toMatchObject({ code: 'batch_sealed', status: 409 })
  })
})

describe('Idempotency-Key', () => {
  const countFiles = async () => (await s.store.db.query.files.findMany()).length

  test.for([
    ['a raw body', () => photo],
    ['a form', () => form([['a.png', photo]])],
    [
      'a form of several',
      () =>
        form([
          ['a.png', photo],
          ['../b', 'x'],
        ]),
    ],
  ] as const)('gives the first answer again to the same request (%s)', async ([what, body]) => {
    const headers = { 'idempotency-key': what.replaceAll(' ', '-') }
    const first = await send('?tag=a:b', { body: body(), headers })
    const files = await countFiles()
    const blobs = await s.blobs()
    const second = await send('?tag=a:b', { body: body(), headers })
    expect(second.status).toBe(first.status)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
    expect(await second.json()).toEqual(await first.json())
    expect(await countFiles()).toBe(files)
    expect(await s.blobs()).toEqual(blobs)
  })

  test('gives it again also when the batch was sealed since, and while the first client waits', async () => {
    const { id } = await readCreated(s.post('/v1/batches', {}))
    const headers = { 'idempotency-key': 'sealed' }
    const first = send(`?batch=${id}`, { headers: { ...headers, prefer: 'wait=1' } })
    const again = () => send(`?batch=${id}`, { headers })
    await expect.poll(async () => (await again()).headers.get('idempotency-replayed')).toBe('true')
    await s.post(`/v1/batches/${id}/complete`)
    expect(await readFile(again())).toEqual(await readFile(first))
  })

  test('is refused with another body, other options or another name', async () => {
    const headers = { 'idempotency-key': 'reused' }
    await send('?name=a', { headers })
    for (const again of [
      send('?name=a', { headers, body: 'other' }),
      send('?name=b', { headers }),
      send('?name=a&format=webp', { headers }),
    ]) {
      expect(await readProblem(again)).toMatchObject({ code: 'idempotency_key_reused', status: 422 })
    }
  })

  test('of a running request is in progress, and a request that failed leaves it free', async () => {
    const headers = { 'idempotency-key': 'running' }
    const { promise, resolve } = Promise.withResolvers<void>()
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('a'))
        await promise
        controller.close()
      },
    })
    const query = `?sha256=${'0'.repeat(64)}`
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, headers, duplex: 'half' }
    const slow = fetch(`${s.url}/v1/files${query}`, init)
    await expect
      .poll(async () => (await readProblem(send('', { headers }))).code)
      .toBe('idempotency_in_progress')
    resolve()
    expect(await readProblem(slow)).toMatchObject({ code: 'checksum_mismatch' })
    expect((await send('', { headers })).status).toBe(202)
  })

  test('must be visible ASCII', async () => {
    expect(await readProblem(send('', { headers: { 'idempotency-key': 'x'.repeat(256) } }))).toMatchObject({
      code: 'invalid_request',
    })
  })
})

describe('Prefer: wait', () => {
  test('answers 200 with the result when the file is done in time', async () => {
    const { id: batch } = await readCreated(s.post('/v1/batches', {}))
    const answer = send(`?batch=${batch}&name=a`, { headers: { prefer: 'wait=20' } })
    const listed = () => readFiles(s.get(`/v1/batches/${batch}/files`))
    await expect.poll(async () => (await listed()).items.length).toBe(1)
    const id = (await listed()).items[0]?.id ?? ''
    await completeFile(s, id, { output: Buffer.from('small') })
    const response = await answer
    expect(response.status).toBe(200)
    expect(response.headers.get('preference-applied')).toBe('wait=20')
    expect(await response.json()).toMatchObject({
      state: 'completed',
      result: { outcome: 'compressed', outputs: [{ url: `${s.url}/v1/files/${id}/content` }] },
    })
  })

  test('answers 202 when it is not', async () => {
    const response = await send('', { headers: { prefer: 'wait=0' } })
    expect(response.status).toBe(202)
    expect(response.headers.get('preference-applied')).toBe('wait=0')
    expect(await response.json()).toMatchObject({ state: 'queued' })
  })
})
