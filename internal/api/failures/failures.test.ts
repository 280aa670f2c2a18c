import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { readCreated, readFile, readFiles, readProblem } from '../testing/read.ts'
import { failFile } from '../testing/rows.ts'
import { type Served, serve } from '../testing/serve.ts'

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const failuresSchema = z.object({
  items: z.array(z.object({ code: z.string(), count: z.number(), help: z.string(), retryable: z.boolean() })),
})
const causes = async () => failuresSchema.parse(await (await s.get('/v1/failures')).json()).items
const counts = async () => Object.fromEntries((await causes()).map(({ code, count }) => [code, count]))
const retry = async (body?: unknown) => {
  const response = await s.post('/v1/failures/retry', body)
  expect(response.status).toBe(202)
  return response.json()
}

/** Files in a new batch that failed for these causes. */
async function failed(...codes: Parameters<typeof failFile>[2][]): Promise<string[]> {
  const { id: batch } = await readCreated(s.post('/v1/batches', {}))
  const ids: string[] = []
  for (const [i, code] of codes.entries()) {
    const post = fetch(`${s.url}/v1/files?batch=${batch}&name=${i}-${code}.jpg`, {
      method: 'POST',
      body: 'x',
    })
    const { id } = await readFile(post)
    await failFile(s, id, code)
    ids.push(id)
  }
  return ids
}

test('failures are listed by cause over all batches, and file by file below one, a page at a time', async () => {
  const first = await failed('corrupt_input', 'corrupt_input', 'codec_crashed')
  const second = await failed('corrupt_input')
  expect(await causes()).toMatchObject([
    { code: 'corrupt_input', count: 3, retryable: false, help: expect.any(String) },
    { code: 'codec_crashed', count: 1, retryable: true },
  ])
  const list = (query: string) => readFiles(s.get(`/v1/failures/corrupt_input/files?${query}`))
  const page = await list('limit=2')
  expect(page.items.map((file) => file.id)).toEqual([second[0], first[1]])
  expect(page.items[0]?.error).toMatchObject({ code: 'corrupt_input', history: [] })
  const rest = await list(`limit=2&cursor=${page.nextCursor}`)
  expect(rest.items.map((file) => file.id)).toEqual([first[0]])
  expect(rest.nextCursor).toBeUndefined()
  expect((await list('name=1-CORRUPT')).items.map((file) => file.id)).toEqual([first[1]])
  expect((await list(`batch=${page.items[0]?.batchId}`)).items.map((file) => file.id)).toEqual(second)
  expect(await readProblem(s.get('/v1/failures/nonsense/files'))).toMatchObject({ code: 'not_found' })
  const foreignCursor = s.get(`/v1/failures/poison/files?cursor=${page.nextCursor}`)
  expect(await readProblem(foreignCursor)).toMatchObject({ code: 'invalid_request' })
  await retry()
})

test('files are tried again by their ids, by causes, and all of them', async () => {
  const [a, b, c] = await failed('corrupt_input', 'corrupt_input', 'codec_timeout')
  const [d] = await failed('poison')
  expect(await retry({ files: [a, 'unknown'] })).toEqual({ retried: 1 })
  expect(await retry({ files: [a] })).toEqual({ retried: 0 })
  expect(await counts()).toEqual({ corrupt_input: 1, codec_timeout: 1, poison: 1 })
  expect(await retry({ codes: ['codec_timeout', 'poison'] })).toEqual({ retried: 2 })
  expect(await retry({ codes: ['corrupt_input'], files: [c, d] })).toEqual({ retried: 0 })
  expect(await counts()).toEqual({ corrupt_input: 1 })
  expect(await retry()).toEqual({ retried: 1 })
  expect(await causes()).toEqual([])
  expect(await readFile(s.get(`/v1/files/${b}`))).toMatchObject({ state: 'queued', attempts: 2 })
})

test('an empty list means nothing and is refused: it must not become all', async () => {
  for (const body of [{ files: [] }, { codes: [] }, { ids: ['x'] }]) {
    expect(await readProblem(s.post('/v1/failures/retry', body))).toMatchObject({ code: 'invalid_request' })
  }
})
