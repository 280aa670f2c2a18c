import { ApiError, answered, unreachable } from '../api/problem.ts'
import { ownUrl } from './own-url.ts'

export interface PutRequest {
  url: string
  headers: Readonly<Record<string, string>>
  body: Blob
  signal: AbortSignal
  /** Bytes of this body that have been sent. */
  onProgress: (sent: number) => void
}

/** A connection over which nothing moves for this long is given up, in milliseconds. */
const silentMs = 60_000

/**
 * PUTs bytes to a signed URL and resolves with the ETag of what is stored. Not by fetch, which does not tell how far it
 * is. Rejects with ApiError, or with the reason of the signal.
 */
export function put({ url, headers, body, signal, onProgress }: PutRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const request = new XMLHttpRequest()
    let silence: ReturnType<typeof setTimeout> | undefined
    const alive = () => {
      clearTimeout(silence)
      silence = setTimeout(() => end(() => reject(unreachable('silent')), true), silentMs)
    }
    const onAbort = () => end(() => reject(signal.reason), true)
    const end = (settle: () => void, cut = false) => {
      clearTimeout(silence)
      signal.removeEventListener('abort', onAbort)
      settle()
      if (cut) request.abort()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    request.upload.onprogress = (event) => {
      alive()
      onProgress(event.loaded)
    }
    request.onload = () => {
      const { status, responseText } = request
      if (status >= 200 && status < 300) end(() => resolve(request.getResponseHeader('etag') ?? ''))
      else end(() => reject(refused(status, parse(responseText))))
    }
    request.onerror = () => end(() => reject(unreachable()))
    request.open('PUT', ownUrl(url))
    for (const [name, value] of Object.entries(headers)) {
      // Browsers set it themselves, and refuse that anybody else does.
      if (name.toLowerCase() !== 'content-length') request.setRequestHeader(name, value)
    }
    alive()
    request.send(body)
  })
}

/** Stores say in XML, and each in its own words, why a signed URL is none to them. */
function refused(status: number, body: unknown): ApiError {
  if (status !== 403 || body !== undefined) return answered(status, body)
  return new ApiError('The store refused the URL.', { code: 'bad_signature', status, retryable: false })
}

/** Our own store answers with problems, others in XML. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
