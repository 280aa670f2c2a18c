import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBatch, readCreated, readFile, readFiles, readUploads } from './testing/read.ts'
import { type Served, serve } from './testing/serve.ts'

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const MiB = 1024 ** 2

test('ten thousand files in one manifest are announced, and listed a page at a time, while others are served', async () => {
  const files = Array.from({ length: 10_000 }, (_, i) => ({
    name: `folder ${i % 100}/photo-${i}.jpg`,
    size: 200_000,
    type: 'image/jpeg',
    tags: { album: String(i % 7) },
  }))
  const pings = pinging()
  const created = await readCreated(s.post('/v1/batches', { files }))
  expect(created.files).toMatchObject({ total: 10_000, pending: 10_000 })
  expect(created.uploads.items).toHaveLength(100)
  expect((await pings()).longest).toBeLessThan(5000)

  const times: number[] = []
  let seen = 0
  let cursor: string | undefined
  do {
    const started = performance.now()
    const query = cursor === undefined ? '' : `&cursor=${cursor}`
    const page = await readFiles(s.get(`/v1/batches/${created.id}/files?limit=100${query}`))
    times.push(performance.now() - started)
    for (const file of page.items) expect(file.name).toBe(files[seen++]?.name)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  expect(seen).toBe(10_000)
  // Ten times what is promised: this machine may have other things to do.
  expect(times.toSorted((a, b) => a - b)[94]).toBeLessThan(500)

  const { nextCursor } = created.uploads
  const started = performance.now()
  expect(
    (await readUploads(s.get(`/v1/batches/${created.id}/uploads?cursor=${nextCursor}`))).items,
  ).toHaveLength(100)
  expect(performance.now() - started).toBeLessThan(1000)

  const ids = created.uploads.items.map((upload) => upload.fileId)
  expect((await s.post(`/v1/batches/${created.id}/complete`, { files: ids })).status).toBe(409)
  expect(await readBatch(s.post(`/v1/batches/${created.id}/cancel`))).toMatchObject({
    files: { cancelled: 10_000 },
  })
})

test('a large upload and download pass through without being held in memory', async () => {
  const size = 256 * MiB
  const chunk = Buffer.alloc(MiB, 1)
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      if (sent === size) return controller.close()
      sent += chunk.length
      controller.enqueue(chunk)
    },
  })
  const growth = watchingMemory()
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
  const file = await readFile(fetch(`${s.url}/v1/files?name=large`, init))
  expect(file.size).toBe(size)
  let received = 0
  const response = await s.get(`/v1/files/${file.id}/original`)
  for await (const part of response.body ?? new ReadableStream<Uint8Array>()) received += part.length
  expect(received).toBe(size)
  // Client and service are one process here.
  expect(growth()).toBeLessThan(200 * MiB)
})

/** Asks for something small again and again; the result says how long the longest answer took. */
function pinging(): () => Promise<{ longest: number }> {
  let longest = 0
  let on = true
  const running = (async () => {
    while (on) {
      const started = performance.now()
      await (await s.get('/healthz')).text()
      longest = Math.max(longest, performance.now() - started)
    }
  })()
  return async () => {
    on = false
    await running
    return { longest }
  }
}

/** Samples the process's memory; the result is how much it grew at most, in bytes. */
function watchingMemory(): () => number {
  const before = process.memoryUsage.rss()
  let most = before
  const sampling = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 10)
  return () => {
    clearInterval(sampling)
    return most - before
  }
}
