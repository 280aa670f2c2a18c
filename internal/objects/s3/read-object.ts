import { Readable } from 'node:stream'
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { KompressorError } from '../../errors/index.ts'
import type { Limiter } from '../../limits/index.ts'
import { destroyOnAbort } from '../content.ts'
import type { GetOptions } from '../port.ts'
import { plainEtag } from './attributes.ts'
import type { Calls } from './calls.ts'
import { statusOf } from './failure.ts'
import { ResumingBody } from './resuming.ts'

export interface Reading {
  calls: Calls
  bucket: string
  key: string
  maxResumes: number
  idleMs: number
  backoffMs: (failures: number) => number
  limiter?: Limiter | undefined
}

/** An answered read. */
export interface OpenObject {
  answer: GetObjectCommandOutput
  /** Of the whole object, bytes. */
  size: number
  body: Readable
}

/** Opens an object; its body goes on by itself when it is cut, as long as the object stays the same. */
export async function openObject(reading: Reading, { range, signal }: GetOptions): Promise<OpenObject> {
  const { key, maxResumes, idleMs, backoffMs, limiter } = reading
  if (range !== undefined) checkRange(range)
  const answer = await read(reading, range && `bytes=${range.start}-${range.end ?? ''}`, { signal })
  const first = streamOf(answer)
  const got = extentOf(answer)
  if (range !== undefined && (got.start !== range.start || got.length === 0)) {
    first.destroy()
    // Some stores give all of an empty object.
    throw range.start >= got.size ? notSatisfiable(range, got.size) : ignoresRanges(key)
  }
  const reopen = async (received: number) => {
    const start = got.start + received
    const last = got.start + got.length - 1
    const rest = await read(reading, `bytes=${start}-${last}`, { signal, etag: answer.ETag })
    const stream = streamOf(rest)
    if (extentOf(rest).start === start) return stream
    stream.destroy()
    throw ignoresRanges(key)
  }
  const body = new ResumingBody({ first, length: got.length, reopen, maxResumes, idleMs, backoffMs, limiter })
  if (signal !== undefined) body.once('close', destroyOnAbort(body, signal))
  return { answer, size: got.size, body }
}

async function read(
  { calls, bucket, key }: Reading,
  range: string | undefined,
  { signal, etag }: { signal: AbortSignal | undefined; etag?: string | undefined },
): Promise<GetObjectCommandOutput> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(range !== undefined && { Range: range }),
    ...(etag !== undefined && { IfMatch: `"${plainEtag(etag)}"` }),
  })
  try {
    return await calls.send(command, { what: `reading ${JSON.stringify(key)}`, signal })
  } catch (error) {
    if (!(error instanceof KompressorError) || statusOf(error.cause) !== 412) throw error
    throw new KompressorError(
      'storage_unavailable',
      `${JSON.stringify(key)} was replaced while it was read`,
      {
        cause: error,
      },
    )
  }
}

function streamOf({ Body }: GetObjectCommandOutput): Readable {
  if (Body instanceof Readable) return Body
  throw new KompressorError('internal', 'The AWS SDK gave a body that is no stream')
}

/** What of the object the answer brings, in bytes. */
function extentOf({ ContentRange, ContentLength }: GetObjectCommandOutput) {
  const [, start, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange ?? '') ?? []
  if (start === undefined || last === undefined || total === undefined) {
    return { start: 0, length: ContentLength ?? 0, size: ContentLength ?? 0 }
  }
  return { start: Number(start), length: Number(last) - Number(start) + 1, size: Number(total) }
}

/** S3 answers a range that makes no sense with the whole object. */
function checkRange(range: { start: number; end?: number }): void {
  const { start, end = start } = range
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return
  throw notSatisfiable(range, undefined)
}

function notSatisfiable(range: { start: number; end?: number }, size: number | undefined): KompressorError {
  const has = size === undefined ? '' : `, which has ${size} bytes`
  return new KompressorError(
    'range_not_satisfiable',
    `The range ${range.start}-${range.end ?? ''} lies outside the object${has}`,
  )
}

function ignoresRanges(key: string): KompressorError {
  return new KompressorError(
    'internal',
    `The store ignores ranges: it gave ${JSON.stringify(key)} from its start`,
  )
}
