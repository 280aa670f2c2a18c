import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RawConnection } from '../testing/raw-http.ts'
import { readProblem } from '../testing/read.ts'
import { type Served, serve } from '../testing/serve.ts'

const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const script = `console.log(${JSON.stringify('x'.repeat(2000))})`
const document = '<!doctype html><title>Kompressor</title>'

let folder: string
let s: Served
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-ui-'))
  s = await serve({ uiFolder: folder })
  await build({ '/index.html': document, '/assets/main-abc.js': script, '/icon.svg': '<svg/>' })
})
afterAll(async () => {
  await s[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function build(files: Record<string, string>, on: Served = s, into = folder): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(into, path)), { recursive: true })
    await writeFile(join(into, path), text)
  }
  expect((await on.get('/', { headers: page })).status).toBe(200)
}

describe('a browser', () => {
  test.for(['/', '/batches', '/batches/0199-x', '/failed?code=poison'])(
    'gets the page at %s',
    async (path) => {
      const response = await s.get(path, { headers: page })
      expect(response.status).toBe(200)
      expect(await response.text()).toBe(document)
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      })
    },
  )

  test('may run, load and frame nothing that is not this service’s own', async () => {
    const { headers } = await s.get('/', { headers: page })
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).not.toContain('unsafe')
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        `connect-src 'self' ${s.url}`,
        "frame-ancestors 'none'",
      ]),
    )
  })

  test('may send its uploads where the store signs them to', async () => {
    await using elsewhere = await serve(
      {
        uiFolder: folder,
        objects: {
          ...s.objects,
          presignPut: async (key, { expiresAt }) => ({
            method: 'PUT',
            url: `https://files.example.com/bucket/${key}?X-Amz-Signature=x`,
            headers: {},
            expiresAt,
          }),
        },
      },
      s.store,
    )
    const policy = (await elsewhere.get('/', { headers: page })).headers.get('content-security-policy')
    expect(policy).toContain("connect-src 'self' https://files.example.com;")
    expect(policy).toContain("img-src 'self' https://files.example.com blob: data:")
  })

  test('gets a page although nothing can be signed', async () => {
    const presignPut = () => Promise.reject(new Error('no credentials'))
    await using unsigned = await serve({ uiFolder: folder, objects: { ...s.objects, presignPut } }, s.store)
    const response = await unsigned.get('/', { headers: page })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-security-policy')).toContain("connect-src 'self';")
    expect(unsigned.log.join('\n')).toContain('no credentials')
  })

  test('asks again for the page and keeps what is named by its contents', async () => {
    const asset = await s.get('/assets/main-abc.js')
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await asset.text()).toBe(script)
    for (const path of ['/', '/icon.svg']) {
      const etag = (await s.get(path, { headers: page })).headers.get('etag') ?? ''
      const again = await s.get(path, { headers: { ...page, 'if-none-match': etag } })
      expect(again.status).toBe(304)
      expect(again.headers.get('etag')).toBe(etag)
    }
  })

  test('sees a new build without a new start', async () => {
    const etag = (await s.get('/', { headers: page })).headers.get('etag')
    await build({ '/index.html': `${document}<p>2` })
    await utimes(join(folder, 'index.html'), new Date(), new Date(Date.now() + 5000))
    const response = await s.get('/', { headers: page })
    expect(await response.text()).toBe(`${document}<p>2`)
    expect(response.headers.get('etag')).not.toBe(etag)
    await build({ '/index.html': document })
  })

  test('gets the first page in a document of its own, drawn already', async () => {
    const drawn = await mkdtemp(join(tmpdir(), 'kompressor-ui-'))
    await using other = await serve({ uiFolder: drawn }, s.store)
    const first = document.replace('Kompressor', 'Drawn')
    await build({ '/index.html': document, '/first.html': first }, other, drawn)
    const response = await other.get('/', { headers: page })
    expect(await response.text()).toBe(first)
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(await (await other.get('/batches', { headers: page })).text()).toBe(document)
    await rm(drawn, { recursive: true })
  })

  test('is told what to do when the interface was not built', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'kompressor-ui-'))
    await using unbuilt = await serve({ uiFolder: empty }, s.store)
    const response = await unbuilt.get('/batches', { headers: page })
    expect(response.status).toBe(503)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await response.text()).toContain('npm run build')
    expect((await unbuilt.get('/readyz')).status).toBe(200)
    await build({ '/index.html': document }, unbuilt, empty)
    await rm(empty, { recursive: true })
  })
})

test.for([
  ['br, gzip', 'br', brotliDecompressSync],
  ['gzip;q=0.5', 'gzip', gunzipSync],
  ['br;q=0, gzip;q=0', null, (bytes: Buffer) => bytes],
] as const)('files come encoded as the client can read them (%s)', async ([accepted, encoding, decode]) => {
  const connection = new RawConnection(s.port)
  await connection.write(
    `GET /assets/main-abc.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${accepted}\r\nConnection: close\r\n\r\n`,
  )
  await expect.poll(() => connection.isClosed).toBe(true)
  const [head = '', body = ''] = connection.received.split('\r\n\r\n')
  expect(/^content-encoding: (.*)$/im.exec(head)?.[1] ?? null).toBe(encoding)
  expect(head.toLowerCase()).toContain('vary: accept-encoding')
  expect(head.toLowerCase()).toContain(`content-length: ${body.length}`)
  expect(decode(Buffer.from(body, 'latin1')).toString()).toBe(script)
})

describe('whoever is no browser', () => {
  test('is told at the address what to try, and elsewhere that nothing is there', async () => {
    const response = await s.get('/')
    expect(await response.text()).toContain('curl')
    expect(response.headers.get('vary')).toBe('accept')
    expect(await readProblem(s.get('/batches'))).toMatchObject({ code: 'not_found', status: 404 })
  })
})

test.for(['/v1/nope', '/assets/gone-123.js', '/objects/x', '/..%2f..%2fetc/passwd', '/%2e%2e/package.json'])(
  'no page stands in for %s',
  async (path) => {
    const headers = path.startsWith('/v1') || path.startsWith('/assets') ? page : {}
    const response = await s.get(path, { headers })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  },
)

test('a page is read, not written', async () => {
  expect(await readProblem(s.post('/batches', {}, page))).toMatchObject({ code: 'not_found' })
})
