import { ApiError } from './api-error.ts'
import type { Client, WatchOptions } from './client.ts'
import type { KubeObject, Resource } from './resource.ts'

export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  /** Nothing changed up to this version. */
  | { type: 'BOOKMARK'; resourceVersion: string }

export interface WatchSettings extends WatchOptions {
  /**
   * Without a byte for so long the connection is given up, milliseconds. Default 130,000: the server sends a bookmark
   * about once a minute, so that two may be late.
   */
  silenceMs?: number
}

/**
 * The changes since a resource version, until the server ends the stream. Throws an ApiError when the server refuses
 * (410: the version is too old), also in the middle, and an Error when the connection breaks or falls silent.
 */
export async function* watch<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  { silenceMs = 130_000, ...options }: WatchSettings,
): AsyncGenerator<WatchEvent<T>> {
  const silence = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal
  const timer = setTimeout(
    () => silence.abort(new Error(`the watch of ${resource.plural} fell silent`)),
    silenceMs,
  )
  try {
    const body = await client.openWatch(resource, { ...options, signal })
    body.setEncoding('utf8')
    let rest = ''
    for await (const chunk of body) {
      timer.refresh()
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield eventOf(resource, line)
    }
  } catch (error) {
    throw silence.signal.aborted ? silence.signal.reason : error
  } finally {
    clearTimeout(timer)
    silence.abort()
  }
}

function eventOf<T extends KubeObject>(resource: Resource<T>, line: string): WatchEvent<T> {
  const { type, object } = JSON.parse(line)
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: resource.parse(object) }
    case 'BOOKMARK':
      return { type, resourceVersion: String(object.metadata.resourceVersion) }
    case 'ERROR':
      throw ApiError.from(`watch of ${resource.plural}`, 500, object)
    default:
      throw new Error(`the watch of ${resource.plural} said ${type}, which is unknown here`)
  }
}
