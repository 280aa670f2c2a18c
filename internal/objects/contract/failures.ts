import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { KompressorError } from '../../errors/index.ts'
import type { PutOptions } from '../port.ts'
import {
  type Bench,
  bodyOf,
  brokenBody,
  expectCode,
  freshKey,
  readText,
  sha256,
  stalledBody,
} from './support.ts'

export function failuresContract(bench: Bench): void {
  const mismatches = [
    ['is shorter than expected', 'size_mismatch', { size: 6 }],
    ['is longer than expected', 'size_mismatch', { size: 4 }],
    ['should be empty', 'size_mismatch', { size: 0 }],
    ['has another checksum than expected', 'checksum_mismatch', { sha256: sha256('other') }],
  ] as const satisfies [string, string, PutOptions][]

  test.each(mismatches)('a body that %s writes nothing', async (_, code, options) => {
    const key = freshKey()
    await expectCode(bench.store.put(key, bodyOf('bytes'), options), code)
    expect(await bench.store.head(key)).toBeUndefined()
  })

  test.each(mismatches)('a body that %s leaves the former object alone', async (_, code, options) => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('former'), { attributes: { contentType: 'text/plain' } })
    await expectCode(bench.store.put(key, bodyOf('bytes'), options), code)
    expect(await readText(bench.store, key)).toBe('former')
    expect((await bench.store.head(key))?.attributes).toEqual({ contentType: 'text/plain' })
  })

  test('the expected size and checksum are met', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('bytes'), { size: 5, sha256: sha256('bytes') })
    expect(await readText(bench.store, key)).toBe('bytes')
  })

  test('a body that breaks off with an error is upload_incomplete and writes nothing', async () => {
    const key = freshKey()
    await expectCode(bench.store.put(key, brokenBody('half', new Error('reset'))), 'upload_incomplete')
    expect(await bench.store.head(key)).toBeUndefined()
  })

  test('a body closed without its end is upload_incomplete, and the former object stays', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('former'))
    const { body, drained } = stalledBody('half')
    const put = bench.store.put(key, body)
    await drained
    body.destroy()
    await expectCode(put, 'upload_incomplete')
    expect(await readText(bench.store, key)).toBe('former')
  })

  test('a body that was read or closed before is upload_incomplete, not an empty object', async () => {
    const key = freshKey()
    const read = Readable.from(['all'])
    await read.toArray()
    await expectCode(bench.store.put(key, read), 'upload_incomplete')
    const { body } = stalledBody('some')
    await expectCode(bench.store.put(key, body.destroy()), 'upload_incomplete')
    expect(await bench.store.head(key)).toBeUndefined()
  })

  test('a body that fails with an error of ours fails the put with it', async () => {
    const limit = new KompressorError('file_too_large', 'too large')
    await expectCode(bench.store.put(freshKey(), brokenBody('half', limit)), 'file_too_large')
  })

  test.each([
    ['of known length', 'content-length: 1000\r\n\r\nhalf'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('an HTTP upload %s whose connection is cut never becomes an object', async (_, rest) => {
    const key = freshKey()
    const arrived = Promise.withResolvers<IncomingMessage>()
    const server = createServer((request) => arrived.resolve(request)).listen(0, '127.0.0.1')
    try {
      await new Promise((resolve) => server.once('listening', resolve))
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      socket.write(`PUT / HTTP/1.1\r\nhost: x\r\n${rest}`)
      const put = bench.store.put(key, await arrived.promise)
      socket.destroy()
      await expectCode(put, 'upload_incomplete')
      expect(await bench.store.head(key)).toBeUndefined()
    } finally {
      server.close()
    }
  })

  test('a failed put leaves its body to the owner', async () => {
    const body = bodyOf(Buffer.alloc(100_000))
    await expectCode(bench.store.put(freshKey(), body, { size: 5 }), 'size_mismatch')
    expect(body.destroyed).toBe(false)
    body.destroy()
  })

  test('aborting ends a put that waits for its body, which is destroyed', async () => {
    const key = freshKey()
    const { body, drained } = stalledBody('half')
    const abort = new AbortController()
    const put = bench.store.put(key, body, { signal: abort.signal })
    await drained
    abort.abort()
    await expectCode(put, 'cancelled')
    expect(body.destroyed).toBe(true)
    expect(await bench.store.head(key)).toBeUndefined()
  })

  test('a signal that was aborted before lets nothing happen', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf('former'))
    const signal = AbortSignal.abort()
    await expectCode(bench.store.put(key, bodyOf('new'), { signal }), 'cancelled')
    await expectCode(bench.store.get(key, { signal }), 'cancelled')
    await expectCode(bench.store.getFile(key, bench.path(), { signal }), 'cancelled')
    expect(await readText(bench.store, key)).toBe('former')
  })

  test('the error that aborted a signal is the error of the put', async () => {
    const signal = AbortSignal.abort(new KompressorError('shutting_down', 'stopping'))
    await expectCode(bench.store.put(freshKey(), bodyOf('x'), { signal }), 'shutting_down')
  })

  test('aborting ends a body that nobody reads yet, and who reads it then learns why', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf(Buffer.alloc(2_000_000)))
    const abort = new AbortController()
    const { body } = await bench.store.get(key, { signal: abort.signal })
    abort.abort()
    await vi.waitFor(() => expect(body.closed).toBe(true), { timeout: 20_000 })
    await expectCode(body.toArray(), 'cancelled')
  })

  test('aborting ends a body that is being read', async () => {
    const key = freshKey()
    await bench.store.put(key, bodyOf(Buffer.alloc(2_000_000)))
    const abort = new AbortController()
    const { body } = await bench.store.get(key, { signal: abort.signal })
    await expectCode(
      (async () => {
        for await (const _ of body) abort.abort()
      })(),
      'cancelled',
    )
  })
}
