import { cors } from 'hono/cors'
import { KompressorError } from '../../errors/index.ts'
import { sendBytes } from '../content/content.ts'
import type { ApiApp, Services } from '../env.ts'
import { boundedStream } from '../http/bounded.ts'

/** A connection that is silent for this long in the middle of a body is given up. */
const idleMs = 60_000

/**
 * The URLs the file-system store signs: what S3 answers in a cluster, this answers on a laptop. As there, pages of any
 * origin may use them, for the signature is what lets them; uploads in parts need the ETag.
 */
export function signedObjectRoutes(app: ApiApp, { objects, signedUrls, clock }: Services): void {
  if (signedUrls === undefined) return

  app.use(
    '/objects/*',
    cors({
      origin: '*',
      allowMethods: ['GET', 'PUT'],
      exposeHeaders: ['ETag', 'Content-Range', 'Content-Disposition'],
      maxAge: 3600,
    }),
  )

  app.put('/objects/*', async (c) => {
    const { incoming } = c.env
    const granted = signedUrls.verifyUrl('PUT', c.req.url, clock())
    if (granted.method !== 'PUT') throw new KompressorError('bad_signature', 'the URL is for downloads')
    const { size, attributes } = granted.put
    if (
      attributes?.contentType !== undefined &&
      incoming.headers['content-type'] !== attributes.contentType
    ) {
      throw new KompressorError('bad_signature', `send it with Content-Type ${attributes.contentType}`)
    }
    const length = incoming.headers['content-length']
    const refusal = () => new KompressorError('size_mismatch', `the URL is for exactly ${size} bytes`)
    if (length !== undefined && Number(length) !== size) throw refusal()
    const body = boundedStream(incoming, { maxBytes: size, refusal })
    incoming.setTimeout(idleMs)
    try {
      const { etag } = await signedUrls.receive(granted, body)
      return c.body(null, 200, { etag: `"${etag}"` })
    } finally {
      body.destroy()
      incoming.setTimeout(0)
    }
  })

  app.get('/objects/*', async (c) => {
    const granted = signedUrls.verifyUrl('GET', c.req.url, clock())
    const info = await objects.head(granted.key)
    if (info === undefined)
      throw new KompressorError('object_not_found', 'the object does not exist any more')
    const { contentType = 'application/octet-stream', contentEncoding } = info.attributes
    const disposition = granted.method === 'GET' ? granted.contentDisposition : undefined
    const headers = {
      'content-type': contentType,
      // Never inline, whatever was signed: these are other people's files, at the address of the web interface.
      'content-disposition': disposition?.startsWith('attachment') ? disposition : 'attachment',
      ...(contentEncoding !== undefined && { 'content-encoding': contentEncoding }),
    }
    return sendBytes(c, objects, { info, headers, name: granted.key })
  })
}
