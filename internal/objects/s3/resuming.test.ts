import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { ResumingBody, type ResumingOptions } from './resuming.ts'

const whole = Buffer.from('0123456789')

/** Bytes from `start` to `end`, and then an error, an end that is too early, or silence. */
function piece(start: number, end: number, then: 'error' | 'end' | 'silence'): Readable {
  const chunks = [...whole.subarray(start, end)].map((byte) => Buffer.from([byte]))
  // Nothing ahead of its reader: what a broken stream had ahead is lost.
  return new Readable({
    highWaterMark: 1,
    read() {
      const chunk = chunks.shift()
      if (chunk !== undefined) this.push(chunk)
      else if (then === 'end') this.push(null)
      else if (then === 'error') this.destroy(new Error('reset'))
    },
  })
}

function resumed(first: Readable, rest: ResumingOptions['reopen'], options: Partial<ResumingOptions> = {}) {
  const reopen = vi.fn(rest)
  const usual = { length: whole.length, maxResumes: 2, idleMs: 50, backoffMs: () => 1 }
  return { body: new ResumingBody({ first, reopen, ...usual, ...options }), reopen }
}

test.each(['error', 'end', 'silence'] as const)('a body cut by %s goes on where it was', async (how) => {
  const { body, reopen } = resumed(piece(0, 4, how), async (received) =>
    received < 7 ? piece(received, 7, how) : piece(received, 10, 'end'),
  )
  expect(await buffer(body)).toEqual(whole)
  expect(reopen.mock.calls).toEqual([[4], [7]])
})

test('a body that is whole ends, whatever its connection does then', async () => {
  const { body, reopen } = resumed(piece(0, 10, 'error'), async () => piece(0, 0, 'end'))
  expect(await buffer(body)).toEqual(whole)
  expect(reopen).not.toHaveBeenCalled()
})

test('a body that brings nothing more several times is given up', async () => {
  const { body, reopen } = resumed(piece(0, 4, 'error'), async (received) => piece(received, received, 'end'))
  await expect(buffer(body)).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(reopen).toHaveBeenCalledTimes(2)
})

test('a body that is longer than it should be is an error', async () => {
  const { body } = resumed(piece(0, 10, 'end'), async () => piece(0, 0, 'end'), { length: 5 })
  await expect(buffer(body)).rejects.toMatchObject({ code: 'storage_unavailable' })
})

test('what reopening fails with is what the body fails with', async () => {
  const { body } = resumed(piece(0, 4, 'error'), async () => {
    throw new RangeError('gone')
  })
  await expect(buffer(body)).rejects.toThrow('gone')
})

test('a reader that takes its time is not silence of the store', async () => {
  const { body, reopen } = resumed(piece(0, 10, 'end'), async () => piece(0, 0, 'end'))
  const read: Buffer[] = []
  for await (const chunk of body) {
    read.push(chunk)
    if (read.length === 1) await new Promise((resolve) => setTimeout(resolve, 150))
  }
  expect(Buffer.concat(read)).toEqual(whole)
  expect(reopen).not.toHaveBeenCalled()
})

test('destroying it destroys the connection, also while it waits for a byte', async () => {
  const first = piece(0, 4, 'silence')
  const { body, reopen } = resumed(first, async () => piece(0, 0, 'end'), { idleMs: 60_000 })
  for await (const _ of body) break
  if (!body.closed) await once(body, 'close')
  expect(first.destroyed).toBe(true)
  expect(reopen).not.toHaveBeenCalled()
})
