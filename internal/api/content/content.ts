import { pipeline, type Readable } from 'node:stream'
import { KompressorError } from '../../errors/index.ts'
import type { ObjectInfo, ObjectStore } from '../../objects/index.ts'
import { type FileRow, requireFile } from '../../store/index.ts'
import { type ApiApp, type ApiContext, type Services, tenantOf } from '../env.ts'
import { faults } from '../http/faults.ts'
import { problemOf } from '../http/on-error.ts'
import { streamed } from '../http/stream.ts'
import { type Artifact, contentOf, originalOf } from './artifact.ts'
import { accepts, decoders } from './decode.ts'
import { attachment } from './disposition.ts'
import { matches, resolveRange } from './range.ts'
import { getContentRoute, getOriginalRoute } from './routes.ts'

export function contentRoutes(app: ApiApp, { store, objects }: Services): void {
  const send = async (c: ApiContext, id: string, choose: (file: FileRow) => Artifact) =>
    sendArtifact(c, objects, choose(await requireFile(store.db, tenantOf(c.env.incoming), id)))
  app.openapi(getContentRoute, (c) => send(c, c.req.valid('param').id, contentOf), faults(getContentRoute))
  app.openapi(getOriginalRoute, (c) => send(c, c.req.valid('param').id, originalOf), faults(getOriginalRoute))
}

async function sendArtifact(c: ApiContext, objects: ObjectStore, artifact: Artifact): Promise<Response> {
  const { key, name, type, encoding } = artifact
  const info = await objects.head(key)
  if (info === undefined) throw gone(name)
  const decoded = encoding !== undefined && !accepts(c.req.header('accept-encoding'), encoding)
  const headers = {
    'content-type': type,
    'content-disposition': attachment(name),
    'cache-control': 'private, no-cache',
    ...(encoding !== undefined && { vary: 'accept-encoding' }),
    ...(encoding !== undefined && !decoded && { 'content-encoding': encoding }),
  }
  return decoded
    ? sendDecoded(c, objects, info, headers, encoding)
    : sendBytes(c, objects, { info, headers, name })
}

/** Sends an object or a range of it, as RFC 9110 has it. */
export async function sendBytes(
  c: ApiContext,
  objects: ObjectStore,
  { info, headers, name }: { info: ObjectInfo; headers: Record<string, string>; name: string },
): Promise<Response> {
  const etag = `"${info.etag}"`
  const common = { ...headers, etag, 'accept-ranges': 'bytes' }
  if (matches(c.req.header('if-none-match'), etag))
    return new Response(null, { status: 304, headers: common })
  const ifRange = c.req.header('if-range')
  const asked = ifRange === undefined || ifRange === etag ? c.req.header('range') : undefined
  const range = resolveRange(asked, info.size)
  if (range === 'unsatisfiable') {
    const error = new KompressorError('range_not_satisfiable', `the file has ${info.size} bytes`)
    return problemOf(c, error, { 'content-range': `bytes */${info.size}` })
  }
  const { start, end } = range ?? { start: 0, end: info.size - 1 }
  const full = {
    ...common,
    'content-length': String(end - start + 1),
    ...(range && { 'content-range': `bytes ${start}-${end}/${info.size}` }),
  }
  const status = range ? 206 : 200
  if (c.req.method === 'HEAD') return new Response(null, { status, headers: full })
  const body = await open(objects, info, name, range)
  return new Response(streamed(c, chunksOf(body)), { status, headers: full })
}

/** The same contents in another representation: another ETag, a length nobody knows, no ranges. */
async function sendDecoded(
  c: ApiContext,
  objects: ObjectStore,
  info: ObjectInfo,
  headers: Record<string, string>,
  encoding: keyof typeof decoders,
): Promise<Response> {
  const etag = `"${info.etag}-decoded"`
  const common = { ...headers, etag }
  if (matches(c.req.header('if-none-match'), etag))
    return new Response(null, { status: 304, headers: common })
  if (c.req.method === 'HEAD') return new Response(null, { headers: common })
  const body = await open(objects, info, info.key, undefined)
  // The decoder is what is read; it is destroyed with the error when either of the two fails.
  const decoder = pipeline(body, decoders[encoding](), () => undefined)
  return new Response(streamed(c, chunksOf(decoder)), { headers: common })
}

/** Opens the very object whose size and ETag have been promised. */
async function open(
  objects: ObjectStore,
  promised: ObjectInfo,
  name: string,
  range: { start: number; end: number } | undefined,
): Promise<Readable> {
  const { info, body } = await objects.get(promised.key, range && { range })
  if (info.etag === promised.etag) return body
  body.destroy()
  throw gone(name)
}

function gone(name: string): KompressorError {
  return new KompressorError('input_missing', `the bytes of ${name} are not in the store any more`)
}

/** Ends with its source closed, however it ends. */
export async function* chunksOf(source: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of source) if (chunk instanceof Uint8Array) yield chunk
  } finally {
    source.destroy()
  }
}
