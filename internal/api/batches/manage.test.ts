import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBatch, readBatches, readCreated, readFile, readFiles, readProblem } from '../testing/read.ts'
import { completeFile, failFile } from '../testing/rows.ts'
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

describe('lists', () => {
  test('of files filter by state, name and tag, and page without losing or repeating any', async () => {
    const announced = Array.from({ length: 25 }, (_, i) => ({
      name: `${i % 2 ? 'Cat' : 'dog'}_${i}%.jpg`,
      size: 5,
      tags: { parity: String(i % 2), n: String(i) },
    }))
    const { id } = await create({ files: announced })
    const walk = async (query: string) => {
      const names: string[] = []
      let cursor: string | undefined
      do {
        const page = await files(id, `?limit=7${query}${cursor === undefined ? '' : `&cursor=${cursor}`}`)
        names.push(...page.items.map((file) => file.name))
        cursor = page.nextCursor
      } while (cursor !== undefined)
      return names
    }
    const names = announced.map((file) => file.name)
    expect(await walk('')).toEqual(names)
    expect(await walk('&name=cat')).toEqual(names.filter((name) => name.startsWith('Cat')))
    expect(await walk('&name=%25')).toEqual(names)
    expect(await walk('&name=_1%25')).toEqual(['Cat_1%.jpg'])
    expect(await walk('&tag=parity:1&tag=n:3')).toEqual(['Cat_3%.jpg'])
    expect(await walk('&state=pending')).toHaveLength(25)
    expect(await walk('&state=failed')).toEqual([])
  })

  test('of batches are searched by name, tag and id', async () => {
    const summer = await create({ name: 'Sommerfest Zu\u0308rich', tags: { client: 'Alpen AG' } })
    const winter = await create({ name: 'Winter' })
    expect(await batch(summer.id)).toMatchObject({ name: 'Sommerfest Z\u00fcrich' })
    const found = async (search: string) =>
      (await readBatches(s.get(`/v1/batches?search=${encodeURIComponent(search)}`))).items.map(({ id }) => id)
    expect(await found('FEST z\u00fc')).toEqual([summer.id])
    expect(await found('alpen')).toEqual([summer.id])
    expect(await found(winter.id)).toEqual([winter.id])
    expect(await found('nothing like it')).toEqual([])
    expect(await readProblem(s.post('/v1/batches', { name: 'a\nb' }))).toMatchObject({
      code: 'invalid_request',
    })
  })

  test('of batches are newest first, filter, and leave out files posted alone', async () => {
    const mine = []
    for (let i = 0; i < 5; i++) mine.unshift((await create({ tags: { mine: 'yes', n: String(i) } })).id)
    const { batchId } = await readFile(fetch(`${s.url}/v1/files`, { method: 'POST', body: 'x' }))
    const list = (query: string) => readBatches(s.get(`/v1/batches?${query}`))
    const ids = (await list('tag=mine:yes')).items.map((item) => item.id)
    expect(ids).toEqual(mine)
    expect((await list('tag=mine:yes&tag=n:3')).items.map((item) => item.id)).toEqual([mine[1]])
    expect((await list('tag=mine:yes&state=completed')).items).toEqual([])
    expect((await list('limit=1000')).items.map((item) => item.id)).not.toContain(batchId)
    expect(await batch(batchId)).toMatchObject({ sealed: true })
    const first = await list('tag=mine:yes&limit=2')
    const second = await list(`tag=mine:yes&limit=2&cursor=${first.nextCursor}`)
    expect([...first.items, ...second.items].map((item) => item.id)).toEqual(mine.slice(0, 4))
  })

  test('refuse cursors that are not theirs, and parameters that do not exist', async () => {
    const { id } = await create({ files: manifest(5) })
    const { nextCursor } = await files(id, '?limit=2')
    for (const query of [
      `cursor=${nextCursor}x`,
      'cursor=AAAA',
      `cursor=${nextCursor}&state=pending`,
      'limit=0',
      'limit=1001',
      'limit=many',
      'state=lost',
      'tag=x',
      'name=%00',
      'sort=name',
    ]) {
      expect(await readProblem(s.get(`/v1/batches/${id}/files?${query}`))).toMatchObject({
        code: 'invalid_request',
        status: 400,
      })
    }
  })
})

describe('retry, cancel and delete', () => {
  test('failed files are tried again, all or those with some codes', async () => {
    const { id } = await create()
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) {
      ids.push(
        (await readFile(fetch(`${s.url}/v1/files?batch=${id}&name=${name}`, { method: 'POST', body: name })))
          .id,
      )
    }
    const [a = '', b = '', c = ''] = ids
    await failFile(s, a, 'codec_timeout')
    await failFile(s, b, 'corrupt_input')
    await failFile(s, c, 'corrupt_input')
    const retry = async (body?: unknown) => (await s.post(`/v1/batches/${id}/retry`, body)).json()
    expect(await retry({ codes: ['codec_timeout'] })).toEqual({ retried: 1 })
    expect(await readFile(s.post(`/v1/files/${b}/retry`))).toMatchObject({ state: 'queued', attempts: 2 })
    expect(await retry()).toEqual({ retried: 1 })
    expect(await batch(id)).toMatchObject({ files: { queued: 3, failed: 0 } })
    expect(await readProblem(s.post(`/v1/files/${c}/retry`))).toMatchObject({
      code: 'not_failed',
      status: 409,
    })
    expect(await readProblem(s.post(`/v1/batches/${id}/retry`, { codes: ['nonsense'] }))).toMatchObject({
      code: 'invalid_request',
    })
  })

  test('failures are grouped by cause, with help and samples', async () => {
    const { id } = await create()
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const file = await readFile(
        fetch(`${s.url}/v1/files?batch=${id}&name=${name}`, { method: 'POST', body: name }),
      )
      await failFile(s, file.id, name === 'a' ? 'truncated_input' : 'corrupt_input')
    }
    const failures = await (await s.get(`/v1/failures?groupBy=code&batch=${id}`)).json()
    expect(failures).toMatchObject({
      items: [
        {
          code: 'corrupt_input',
          count: 4,
          samples: [{ name: 'e', message: 'it failed with corrupt_input' }, { name: 'd' }, { name: 'c' }],
        },
        { code: 'truncated_input', count: 1, title: expect.any(String), help: expect.any(String) },
      ],
    })
    expect(await (await s.get('/v1/failures')).json()).toMatchObject({ items: expect.any(Array) })
    expect(await readProblem(s.get('/v1/failures?batch=nope'))).toMatchObject({ code: 'batch_not_found' })
    expect(await readProblem(s.get('/v1/failures?groupBy=name'))).toMatchObject({ code: 'invalid_request' })
  })

  test('a batch is cancelled with what is open in it; what has ended stays', async () => {
    const { id, uploads } = await create({ files: manifest(3) })
    const [first, second] = uploads.items
    for (const upload of [first, second]) await put(upload, 'hello')
    await s.post(`/v1/batches/${id}/complete`, { files: [first?.fileId, second?.fileId] })
    await completeFile(s, first?.fileId ?? '')
    const cancelled = await readBatch(s.post(`/v1/batches/${id}/cancel`))
    expect(cancelled).toMatchObject({
      state: 'cancelled',
      sealed: true,
      files: { completed: 1, cancelled: 2, pending: 0 },
    })
    expect(await readBatch(s.post(`/v1/batches/${id}/cancel`))).toEqual(cancelled)
    expect(await readProblem(s.post(`/v1/batches/${id}/retry`))).toMatchObject({ code: 'cancelled' })
    expect(await readProblem(s.post(`/v1/batches/${id}/complete`))).toMatchObject({ code: 'cancelled' })
    expect(await readFile(s.post(`/v1/files/${second?.fileId}/cancel`))).toMatchObject({ state: 'cancelled' })
  })

  test('a file is cancelled alone', async () => {
    const file = await readFile(fetch(`${s.url}/v1/files`, { method: 'POST', body: 'x' }))
    expect(await readFile(s.post(`/v1/files/${file.id}/cancel`))).toMatchObject({ state: 'cancelled' })
    expect(await batch(file.batchId)).toMatchObject({ files: { cancelled: 1 } })
  })

  test('files and batches are erased; their objects are handed to the sweeper', async () => {
    const { id, uploads } = await create({ files: manifest(2) })
    const [first = '', second = ''] = uploads.items.map((upload) => upload.fileId)
    const erase = (path: string) => fetch(`${s.url}${path}`, { method: 'DELETE' })
    expect((await erase(`/v1/files/${first}`)).status).toBe(204)
    expect(await batch(id)).toMatchObject({ files: { total: 1 } })
    expect((await erase(`/v1/batches/${id}`)).status).toBe(204)
    for (const path of [`/v1/files/${first}`, `/v1/files/${second}`]) {
      expect(await readProblem(s.get(path))).toMatchObject({ code: 'file_not_found', status: 404 })
      expect(await readProblem(erase(path))).toMatchObject({ code: 'file_not_found' })
    }
    const due = await s.store.db.query.objectDeletions.findMany()
    expect(due.map(({ key }) => key)).toEqual(
      expect.arrayContaining([`in/default/${first}`, `in/default/${second}`]),
    )
  })
})

test.for([
  ['GET', '/v1/batches/ID'],
  ['GET', '/v1/batches/ID/files'],
  ['GET', '/v1/batches/ID/uploads'],
  ['GET', '/v1/batches/ID/archive'],
  ['GET', '/v1/batches/ID/events'],
  ['POST', '/v1/batches/ID/complete'],
  ['POST', '/v1/batches/ID/retry'],
  ['POST', '/v1/batches/ID/cancel'],
  ['DELETE', '/v1/batches/ID'],
  ['GET', '/v1/files/ID'],
  ['GET', '/v1/files/ID/content'],
  ['GET', '/v1/files/ID/original'],
  ['POST', '/v1/files/ID/retry'],
  ['POST', '/v1/files/ID/cancel'],
  ['DELETE', '/v1/files/ID'],
] as const)('%s %s of an unknown id is 404, whatever the id looks like', async ([method, path]) => {
  const kind = path.includes('batches') ? 'batch_not_found' : 'file_not_found'
  const call = (id: string) => readProblem(fetch(`${s.url}${path.replace('ID', id)}`, { method }))
  expect(await call('01a20520-26f4-7155-84c1-cb82a1d4df1a')).toMatchObject({ code: kind, status: 404 })
  expect(await call('%00')).toMatchObject({ status: 404 })
  expect(await call("';drop%20table%20files")).toMatchObject({ status: 404 })
  expect(await call('%F0%9F')).toMatchObject({ status: 404 })
})
