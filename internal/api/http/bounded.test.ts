import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { KompressorError } from '../../errors/index.ts'
import { bounded, boundedStream } from './bounded.ts'

const refusal = () => new KompressorError('file_too_large', 'too much')
const empty = () => new KompressorError('empty_file', 'nothing')
const source = (...chunks: string[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)))

test('passes what is within the limit, and hashes it on the way', async () => {
  const hash = createHash('sha256')
  const body = boundedStream(source('ab', 'cd'), { maxBytes: 4, refusal, empty, hash })
  expect((await buffer(body)).toString()).toBe('abcd')
  expect(hash.digest('hex')).toBe(createHash('sha256').update('abcd').digest('hex'))
})

test('ends with the refusal one byte later, and with its own error when there is nothing', async () => {
  await expect(buffer(boundedStream(source('ab', 'cde'), { maxBytes: 4, refusal }))).rejects.toThrow(
    'too much',
  )
  await expect(buffer(boundedStream(source(), { maxBytes: 4, refusal, empty }))).rejects.toThrow('nothing')
  expect(await buffer(boundedStream(source(), { maxBytes: 4, refusal }))).toHaveLength(0)
})

test('says that a source that broke off did so, and leaves it open when it is given up', async () => {
  const broken = new Readable({ read: () => undefined })
  const reading = buffer(boundedStream(broken, { maxBytes: 4, refusal }))
  broken.push('a')
  broken.destroy(new Error('ECONNRESET'))
  await expect(reading).rejects.toMatchObject({ code: 'upload_incomplete' })
  const long = source('ab', 'cd', 'ef')
  for await (const _ of bounded(long, { maxBytes: 9, refusal })) break
  expect(long.destroyed).toBe(false)
})

test('that fails when nobody reads it any more fails silently', async () => {
  const given = new Readable({ read: () => undefined })
  const body = boundedStream(given, { maxBytes: 4, refusal })
  given.push('a')
  for await (const _ of body.iterator({ destroyOnReturn: false })) break
  body.read(0)
  given.destroy(new Error('ECONNRESET'))
  await new Promise((resolve) => body.once('close', resolve))
  expect(body.errored).toMatchObject({ code: 'upload_incomplete' })
})
