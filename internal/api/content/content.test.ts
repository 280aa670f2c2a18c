import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile as readDisk, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RawConnection } from '../testing/raw-http.ts'
import { readCreated, readFile, readProblem } from '../testing/read.ts'
import { completeFile, failFile } from '../testing/rows.ts'
import { type Served, serve } from '../testing/serve.ts'

let s: Served
beforeAll(async () => {
  s = await serve()
})
afterAll(() => s[Symbol.asyncDispose]())

const output = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256))

async function submit(query = '?name=in.png', body: string | Buffer = 'the original') {
  return readFile(fetch(`${s.url}/v1/files${query}`, { method: 'POST', body }))
}

async function compressed(options: Parameters<typeof completeFile>[2] = {}) {
  const file = await submit('?name=album/ü.png')
  await completeFile(s, file.id, { output, name: 'ü.webp', ...options })
  return `/v1/files/${file.id}/content`
}

const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer())

describe('the content of a file', () => {
  test('is its output, as a download that no browser takes for a page', async () => {
    const response = await s.get(await compressed({ type: 'text/html' }))
    expect(response.status).toBe(200)
    expect(await bytes(response)).toEqual(output)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html',
      'content-length': '1000',
      'content-disposition': `attachment; filename="_.webp"; filename*=UTF-8''%C3%BC.webp`,
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^"[^"]+"$/),
    })
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
  })

  test('has the same headers for HEAD, and no body', async () => {
    const path = await compressed()
    const head = await s.get(path, { method: 'HEAD' })
    const get = await s.get(path)
    for (const name of ['content-length', 'content-type', 'etag', 'content-disposition', 'accept-ranges']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
    expect(head.status).toBe(200)
    expect((await bytes(head)).length).toBe(0)
    await get.body?.cancel()
  })

  test.for([
    ['bytes=0-0', 0, 0],
    ['bytes=10-19', 10, 19],
    ['bytes=990-', 990, 999],
    ['bytes=-5', 995, 999],
    ['bytes=500-9999', 500, 999],
  ] as const)('comes in ranges (%s)', async ([range, start, end]) => {
    const response = await s.get(await compressed(), { headers: { range } })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/1000`)
    expect(response.headers.get('content-length')).toBe(String(end - start + 1))
    expect(await bytes(response)).toEqual(output.subarray(start, end + 1))
  })

  test('has no range behind its end', async () => {
    const response = await s.get(await compressed(), { headers: { range: 'bytes=1000-' } })
    expect(response.headers.get('content-range')).toBe('bytes */1000')
    expect(await readProblem(response)).toMatchObject({ code: 'range_not_satisfiable', status: 416 })
  })

  test('is not sent to who has it, nor in parts to who has another', async () => {
    const path = await compressed()
    const etag = (await s.get(path, { method: 'HEAD' })).headers.get('etag') ?? ''
    const unchanged = await s.get(path, { headers: { 'if-none-match': `"x", ${etag}` } })
    expect(unchanged.status).toBe(304)
    expect(unchanged.headers.get('etag')).toBe(etag)
    expect((await s.get(path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200)
    expect((await s.get(path, { headers: { range: 'bytes=0-1', 'if-range': etag } })).status).toBe(206)
    expect((await s.get(path, { headers: { range: 'bytes=0-1', 'if-range': '"x"' } })).status).toBe(200)
  })

  test('is the original when that was kept', async () => {
    const file = await submit('?name=a/kept.png')
    await completeFile(s, file.id)
    const response = await s.get(`/v1/files/${file.id}/content`)
    expect(await response.text()).toBe('the original')
    expect(response.headers.get('content-disposition')).toContain('kept.png')
    expect(response.headers.get('content-type')).toBe('image/png')
  })

  test('with an encoding goes encoded to who takes it, decoded to who does not', async () => {
    const text = 'text '.repeat(1000)
    const path = await compressed({
      output: brotliCompressSync(text),
      name: 'a.txt',
      type: 'text/plain',
      encoding: 'br',
    })
    const encoded = await s.get(path, { headers: { 'accept-encoding': 'br' } })
    expect(encoded.headers.get('content-encoding')).toBe('br')
    expect(encoded.headers.get('vary')).toBe('accept-encoding')
    expect(await encoded.text()).toBe(text)
    const plain = await s.get(path, { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(plain.headers.get('etag')).not.toBe(encoded.headers.get('etag'))
    expect(await plain.text()).toBe(text)
  })

  test('that does not decode cuts the connection instead of ending well', async () => {
    const path = await compressed({ output: Buffer.from('not brotli at all'), encoding: 'br' })
    const response = s.get(path, { headers: { 'accept-encoding': 'identity' } })
    await expect(response.then((r) => r.text())).rejects.toThrow()
    expect((await s.get('/healthz')).status).toBe(200)
  })

  test('is not there before the file is done, and says why', async () => {
    const file = await submit()
    const content = () => readProblem(s.get(`/v1/files/${file.id}/content`))
    expect(await content()).toMatchObject({
      code: 'no_output',
      status: 404,
      detail: expect.stringContaining('it is queued'),
    })
    await failFile(s, file.id, 'corrupt_input')
    expect(await content()).toMatchObject({ detail: expect.stringContaining('it failed: corrupt_input') })
  })

  test('that the store has lost is gone', async () => {
    const path = await compressed()
    await s.objects.delete([`out/default/${path.split('/')[3]}/abc`])
    expect(await readProblem(s.get(path))).toMatchObject({ code: 'input_missing', status: 410 })
  })
})

describe('the original', () => {
  test('is what was uploaded, under its own name, with a type only the bytes can tell', async () => {
    const file = await submit('?name=a/photo.png')
    const response = await s.get(`/v1/files/${file.id}/original`)
    expect(await response.text()).toBe('the original')
    expect(response.headers.get('content-disposition')).toContain('filename="photo.png"')
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
  })

  test('is missing until it is uploaded', async () => {
    const { uploads } = await readCreated(s.post('/v1/batches', { files: [{ name: 'a', size: 1 }] }))
    const answer = s.get(`/v1/files/${uploads.items[0]?.fileId}/original`)
    expect(await readProblem(answer)).toMatchObject({ code: 'upload_missing', status: 409 })
  })
})

describe('a picture that carries scripts', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  const sealedOff = async (response: Response) => {
    expect(response.status).toBe(200)
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain('sandbox')
    await response.body?.cancel()
  }

  test('is a download as content and as original, whatever a browser says it accepts', async () => {
    const file = await submit('?name=x.svg', svg)
    await completeFile(s, file.id, { output: Buffer.from(svg), name: 'x.svg', type: 'image/svg+xml' })
    for (const path of ['content', 'original']) {
      const headers = { accept: 'text/html,image/svg+xml,*/*' }
      await sealedOff(await s.get(`/v1/files/${file.id}/${path}`, { headers }))
    }
  })

  test('is a download by a signed URL, also by one that was signed to show it', async () => {
    const { uploads } = await readCreated(
      s.post('/v1/batches', { files: [{ name: 'x.svg', size: svg.length, type: 'image/svg+xml' }] }),
    )
    const [upload] = uploads.items
    if (upload === undefined) throw new Error('no upload was signed')
    const put = await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: svg })
    expect(put.status).toBe(200)
    const expiresAt = new Date(Date.now() + 60_000)
    for (const contentDisposition of [undefined, 'inline', 'attachment; filename="x.svg"']) {
      const options = { expiresAt, ...(contentDisposition !== undefined && { contentDisposition }) }
      const { url } = await s.objects.presignGet(`in/default/${upload.fileId}`, options)
      await sealedOff(await fetch(url))
    }
  })
})

test('a client that goes away in the middle of a download leaves nothing open', async () => {
  const file = await submit('?name=big', Buffer.alloc(32 * 1024 ** 2))
  for (const path of [`/v1/files/${file.id}/original`, `/v1/batches/${file.batchId}/archive`]) {
    await completeFile(s, file.id).catch(() => undefined)
    const connection = new RawConnection(s.port)
    await connection.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await expect.poll(() => connection.received.length).toBeGreaterThan(1000)
    connection.cut()
    await expect
      .poll(() => s.log.some((line) => line.includes(path) && line.includes('"cut":true')))
      .toBe(true)
  }
  await expect
    .poll(async () => (await openFiles()).filter((name) => name.includes('kompressor-api')))
    .toEqual([])
})

async function openFiles(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ls', ['-l', `/proc/${process.pid}/fd`])
  return stdout.split('\n')
}

describe('the archive of a batch', () => {
  test.skipIf(spawnSync('python3', ['--version']).error)(
    'opens with another zip program: outputs, kept originals and what is missing, each under its own name',
    async () => {
      const { id } = await readCreated(s.post('/v1/batches', {}))
      const add = (name: string) =>
        submit(`?batch=${id}&name=${encodeURIComponent(name)}`, `original of ${name}`)
      const files = []
      for (const name of ['a/x.png', 'a/x.jpg', 'kept ü.png', 'broken.png', 'data.txt', 'open.png'])
        files.push(await add(name))
      const [png, jpg, kept, broken, data] = files.map((file) => file.id)
      await completeFile(s, png ?? '', { output, name: 'x.webp' })
      await completeFile(s, jpg ?? '', { output: Buffer.from('second'), name: 'x.webp' })
      await completeFile(s, kept ?? '')
      await failFile(s, broken ?? '', 'corrupt_input')
      await completeFile(s, data ?? '', {
        output: brotliCompressSync('data'),
        name: 'data.txt',
        encoding: 'br',
      })
      const response = await s.get(`/v1/batches/${id}/archive`)
      expect(response.headers.get('content-type')).toBe('application/zip')
      const folder = await mkdtemp(join(tmpdir(), 'kompressor-zip-'))
      try {
        await writeFile(join(folder, 'a.zip'), await bytes(response))
        const unzip =
          'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2]); print("\\n".join(z.namelist()))'
        const { stdout } = await promisify(execFile)('python3', ['-c', unzip, join(folder, 'a.zip'), folder])
        expect(stdout.trim().split('\n')).toEqual([
          'a/x.webp',
          'a/x (2).webp',
          'kept ü.png',
          'data.txt.br',
          'missing.txt',
        ])
        expect(await readDisk(join(folder, 'a/x.webp'))).toEqual(output)
        expect(await readDisk(join(folder, 'a/x (2).webp'), 'utf8')).toBe('second')
        expect(await readDisk(join(folder, 'kept ü.png'), 'utf8')).toBe('original of kept ü.png')
        expect(await readDisk(join(folder, 'missing.txt'), 'utf8')).toBe(
          'broken.png\tcorrupt_input: it failed with corrupt_input\nopen.png\tqueued\n',
        )
      } finally {
        await rm(folder, { recursive: true })
      }
    },
  )

  test('of an empty batch is an empty zip', async () => {
    const { id } = await readCreated(s.post('/v1/batches', {}))
    const archive = await bytes(await s.get(`/v1/batches/${id}/archive`))
    expect(archive.subarray(0, 4).toString('latin1')).toBe('PK\x05\x06')
  })
})
