import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLimiter } from '../limits/index.ts'
import { createFetcher, type Fetcher, type FetcherOptions } from './index.ts'

const loopback = { allow: ['127.0.0.1/32'] }
const { signal } = new AbortController()

let folder: string
let server: Server
let url: string
let answer: (request: IncomingMessage, response: ServerResponse) => void
const requests: IncomingMessage[] = []
const fetchers: Fetcher[] = []
let files = 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kompressor-fetch-'))
  requests.length = 0
  server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = urlOf(server)
})
afterEach(async () => {
  for (const fetcher of fetchers.splice(0)) fetcher.close()
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

function urlOf(one: Server): string {
  const { port } = one.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

function open(options: FetcherOptions = loopback): Fetcher {
  const fetcher = createFetcher(options)
  fetchers.push(fetcher)
  return fetcher
}

function path(): string {
  files += 1
  return join(folder, String(files))
}

const get = (address: string, options?: FetcherOptions, maxBytes = 1_000_000) =>
  open(options).download(address, path(), { maxBytes, signal })

describe('a file at an address', () => {
  it('comes whole, with its hash and type', async () => {
    const bytes = Buffer.alloc(300_000, 'kompressor ')
    answer = (_, response) => response.setHeader('content-type', 'text/plain; charset=utf-8').end(bytes)
    const to = path()
    const got = await open().download(`${url}/a.txt?x=1`, to, { maxBytes: bytes.length, signal })
    expect(got).toEqual({
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'text/plain',
    })
    expect(await readFile(to)).toEqual(bytes)
    expect(requests[0]?.url).toBe('/a.txt?x=1')
  })

  it('is asked for without anything that could be a credential', async () => {
    answer = (_, response) => response.setHeader('set-cookie', 'a=b').end('x')
    const fetcher = open()
    await fetcher.download(url, path(), { maxBytes: 10, signal })
    await fetcher.download(url, path(), { maxBytes: 10, signal })
    expect(requests.map(({ headers }) => Object.keys(headers).sort())).toEqual(
      Array(2).fill(['accept', 'accept-encoding', 'connection', 'host', 'user-agent']),
    )
  })

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('is what it was before the server packed it with %s', async (coding, pack) => {
    answer = (_, response) =>
      response.setHeader('content-encoding', coding).end(pack(Buffer.from('the file')))
    const to = path()
    expect(await open().download(url, to, { maxBytes: 100, signal })).toMatchObject({ size: 8 })
    expect(await readFile(to, 'utf8')).toBe('the file')
  })

  it.each([
    [404, 'url_not_found'],
    [410, 'url_not_found'],
    [401, 'url_refused'],
    [403, 'url_refused'],
    [204, 'url_refused'],
    [304, 'url_refused'],
    [500, 'url_unavailable'],
    [502, 'url_unavailable'],
    [408, 'url_unavailable'],
  ])('that is answered with %d is %s', async (status, code) => {
    answer = (_, response) => response.writeHead(status).end()
    await expect(get(`${url}/a`)).rejects.toMatchObject({ code, message: expect.stringContaining('/a') })
  })
})

describe('a server that may not be reached', () => {
  it.each([
    ['loopback', () => url],
    ['loopback by name', () => url.replace('127.0.0.1', 'localhost')],
    ['loopback in one number', () => url.replace('127.0.0.1', '2130706433')],
    ['loopback in octal', () => url.replace('127.0.0.1', '0177.0.0.1')],
    ['loopback, short', () => url.replace('127.0.0.1', '127.1')],
    ['loopback, mapped', () => url.replace('127.0.0.1', '[::ffff:127.0.0.1]')],
    ['loopback of IPv6', () => url.replace('127.0.0.1', '[::1]')],
    ['nowhere, which is here', () => url.replace('127.0.0.1', '0.0.0.0')],
    ['the metadata of a cloud', () => 'http://169.254.169.254/latest/meta-data/'],
    ['the metadata of a cloud, mapped', () => 'http://[::ffff:a9fe:a9fe]/latest/meta-data/'],
    ['another scheme', () => 'file:///etc/passwd'],
    ['another scheme', () => 'ftp://example.com/a'],
    ['credentials', () => url.replace('://', '://user:secret@')],
    ['a public server on a port of something else', () => 'http://1.1.1.1:6379/'],
    ['no address', () => 'photos/a.jpg'],
  ])('is refused before anything is sent: %s', async (_, address) => {
    answer = (__, response) => response.end('secret')
    const error = await get(address(), {}).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'url_not_allowed', retryable: false })
    expect(String(error)).not.toContain('user:secret')
    expect(requests).toHaveLength(0)
  })

  it('is refused as well where a redirect leads there', async () => {
    const inner = createServer((_, response) => void response.end('secret')).listen(0, '127.0.0.2')
    await once(inner, 'listening')
    const reached = urlOf(inner).replace('127.0.0.1', '127.0.0.2')
    let hits = 0
    inner.on('request', () => {
      hits += 1
    })
    for (const location of [
      reached,
      'http://169.254.169.254/',
      'file:///etc/passwd',
      `//user:pass@${new URL(url).host}/`,
    ]) {
      answer = (_, response) => response.writeHead(302, { location }).end()
      await expect(get(url), location).rejects.toMatchObject({ code: 'url_not_allowed' })
    }
    expect(hits).toBe(0)
    inner.close()
  })

  it('is one whose name stands for it, whatever network is allowed besides', async () => {
    answer = (_, response) => response.end('x')
    const byName = url.replace('127.0.0.1', 'localhost')
    await expect(get(byName, { allow: ['10.0.0.0/8'] })).rejects.toMatchObject({ code: 'url_not_allowed' })
    await expect(get(byName)).resolves.toMatchObject({ size: 1 })
  })
})

describe('a redirect', () => {
  it('is followed, relative ones too, three times and not a fourth', async () => {
    answer = ({ url: at = '' }, response) => {
      const left = Number(at.slice(1))
      if (left === 0) response.end('there')
      else
        response.writeHead(left % 2 === 0 ? 302 : 308, { location: left === 1 ? '0' : `/${left - 1}` }).end()
    }
    await expect(get(`${url}/3`)).resolves.toMatchObject({ size: 5 })
    await expect(get(`${url}/4`)).rejects.toMatchObject({
      code: 'url_not_allowed',
      message: expect.stringContaining('more than 3 times'),
    })
  })
})

describe('a server that does not end', () => {
  it('is left when the file is larger than allowed, said or not', async () => {
    answer = (_, response) => response.setHeader('content-length', 2_000).end(Buffer.alloc(2_000))
    await expect(get(url, loopback, 1_999)).rejects.toMatchObject({ code: 'file_too_large' })
    answer = (_, response) => {
      const more = () => void (response.destroyed || response.write(Buffer.alloc(65_536), more))
      more()
    }
    await expect(get(url)).rejects.toMatchObject({ code: 'file_too_large' })
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    answer = (_, response) => response.setHeader('content-encoding', 'gzip').end(bomb)
    await expect(get(url)).rejects.toMatchObject({ code: 'file_too_large' })
  })

  it('is left when it says nothing, at the head or in the middle', async () => {
    answer = () => undefined
    const options = { ...loopback, silenceMs: 200 }
    await expect(get(url, options)).rejects.toMatchObject({ code: 'url_unavailable', retryable: true })
    answer = (_, response) => void response.setHeader('content-length', 100).write('some')
    await expect(get(url, options)).rejects.toMatchObject({ code: 'url_unavailable' })
  })

  it('is left when it drips for longer than a file may take', async () => {
    answer = (_, response) => {
      const drip = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(drip))
    }
    await expect(get(url, { ...loopback, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'url_unavailable',
      message: expect.stringContaining('longer than'),
    })
  })

  it('is left when nobody wants the file any more', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const stopping = new AbortController()
    answer = (_, response) => {
      response.on('close', resolve)
      response.write('some')
      stopping.abort(new Error('enough'))
    }
    const fetching = open().download(url, path(), { maxBytes: 100, signal: stopping.signal })
    await expect(fetching).rejects.toThrow('enough')
    await closed
  })
})

it('does not take a file that broke off for a whole one', async () => {
  answer = (_, response) => {
    response.setHeader('content-length', 1_000)
    response.write('some', () => response.destroy())
  }
  await expect(get(url)).rejects.toMatchObject({ code: 'url_unavailable' })
})

it('says of a server that is not there, and of a name that stands for nothing, that it may pass', async () => {
  const gone = url
  server.close()
  await once(server, 'close')
  await expect(get(gone)).rejects.toMatchObject({ code: 'url_unavailable' })
  await expect(get('http://nobody.invalid/')).rejects.toMatchObject({ code: 'url_unavailable' })
})

it('asks one server for no more at a time than it should', async () => {
  let open = 0
  let most = 0
  const waiting: (() => void)[] = []
  const { promise: full, resolve } = Promise.withResolvers<void>()
  answer = (_, response) => {
    open += 1
    most = Math.max(most, open)
    waiting.push(() => {
      open -= 1
      response.end('x')
    })
    if (requests.length === 2) resolve()
    if (requests.length > 2) waiting.shift()?.()
  }
  const fetcher = createFetcher({ ...loopback, perHost: 2 })
  fetchers.push(fetcher)
  const all = Array.from({ length: 6 }, () => fetcher.download(url, path(), { maxBytes: 10, signal }))
  await full
  waiting.shift()?.()
  await expect.poll(() => requests.length).toBe(6)
  for (const end of waiting.splice(0)) end()
  await Promise.all(all)
  expect(most).toBe(2)
})

describe('a server that asks for patience', () => {
  it('gets it, and the file comes after all', async () => {
    answer = (_, response) => {
      if (requests.length === 1) response.writeHead(429, { 'retry-after': '0' }).end()
      else if (requests.length === 2)
        response.writeHead(503, { 'retry-after': new Date().toUTCString() }).end()
      else response.end('x')
    }
    await expect(get(url)).resolves.toMatchObject({ size: 1 })
    expect(requests).toHaveLength(3)
  })

  it('for ever makes the file one that is tried again later', async () => {
    answer = (_, response) => response.writeHead(429, { 'retry-after': '0' }).end()
    await expect(get(url)).rejects.toMatchObject({ code: 'url_throttled', retryable: true })
    expect(requests).toHaveLength(4)
  })
})

it('asks no faster than it may, and pays for what came before it asks again', async () => {
  answer = (_, response) => response.end(Buffer.alloc(1_000))
  const limiter = createLimiter({ requestsPerSecond: 20 })
  const fetcher = open({ ...loopback, limiter })
  const download = () =>
    fetcher.download(`${url}/a`, join(folder, `limited-${files++}`), { maxBytes: 10_000, signal })
  let started = performance.now()
  await Promise.all(Array.from({ length: 14 }, download))
  expect(requests).toHaveLength(14)
  // Four at once, then one in each 50 ms.
  expect(performance.now() - started).toBeGreaterThan(450)
  limiter.set({ bytesPerSecond: 2_000 })
  started = performance.now()
  await download()
  // Its 1,000 bytes, less the 400 that may come at once, before another one.
  await limiter.read(1)
  expect(performance.now() - started).toBeGreaterThan(250)
})
