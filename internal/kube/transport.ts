import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeConfig } from '@kubernetes/client-node'
import { ApiError, NoAnswerError } from './api-error.ts'

/** Who is told about every answer, for metrics. */
export type RequestObserver = (seen: {
  verb: string
  /** Plural name and subresource: `deployments`, `compressionjobs/status`. */
  resource: string
  /** HTTP status, or `error` when there was no answer. */
  code: string
  seconds: number
}) => void

export interface ApiRequest {
  /** For metrics. */
  verb: string
  resource: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  query?: Readonly<Record<string, string | number | boolean | undefined>>
  body?: unknown
  contentType?: string
  signal?: AbortSignal | undefined
}

export interface Transport {
  /** The answer's JSON. Throws an ApiError for a refusal, a NoAnswerError when there is no answer. */
  send(request: ApiRequest): Promise<unknown>
  /** The answer as it comes in, after its head said 200. Throws as `send` does. */
  open(request: ApiRequest): Promise<IncomingMessage>
  /** Closes idle connections. */
  close(): void
}

export interface TransportOptions {
  userAgent: string
  observe?: RequestObserver
  /** How long `send` waits for an answer, milliseconds. Default 30,000. */
  timeoutMs?: number
}

/** A server that is overloaded (429, 503) says when to come back; that often it is obeyed before the caller hears of it. */
const obeyed = 3

/**
 * Requests over kept connections. Credentials are asked of the KubeConfig for every request, because tokens rotate; its
 * own agents are not used, because they open a TLS connection for each request.
 */
export function createTransport(config: KubeConfig, options: TransportOptions): Transport {
  const { userAgent, observe, timeoutMs = 30_000 } = options
  const agents = createAgents()

  async function once(what: ApiRequest, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const started = performance.now()
    const { verb, resource } = what
    const seen = (code: string) =>
      observe?.({ verb, resource, code, seconds: (performance.now() - started) / 1000 })
    try {
      const answer = await exchange(await prepare(what), signal)
      seen(String(answer.statusCode))
      return answer
    } catch (error) {
      seen('error')
      throw error
    }
  }

  async function prepare({ method, path, query, body, contentType }: ApiRequest) {
    const url = new URL((config.getCurrentCluster()?.server ?? '').replace(/\/$/, '') + path)
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const secured: RequestOptions & { headers: Record<string, string> } = { headers: {} }
    await config.applyToHTTPSOptions(secured)
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    return {
      url,
      payload,
      settings: {
        method,
        agent: config.getCurrentCluster()?.proxyUrl ? secured.agent : agents.for(url, secured),
        ...(secured.auth !== undefined && { auth: secured.auth }),
        headers: {
          ...secured.headers,
          accept: 'application/json',
          'user-agent': userAgent,
          ...(payload !== undefined && {
            'content-type': contentType ?? 'application/json',
            'content-length': payload.byteLength,
          }),
        },
      },
    }
  }

  async function attempt(what: ApiRequest, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    for (let tries = 0; ; tries += 1) {
      const answer = await once(what, signal)
      if (answer.statusCode !== undefined && answer.statusCode < 300) return answer
      const wait = Number(answer.headers['retry-after'])
      const text = await textOf(answer)
      const name = `${what.method} ${what.path}`
      const overloaded = answer.statusCode === 429 || answer.statusCode === 503
      if (!overloaded || !(wait > 0) || tries === obeyed) {
        throw ApiError.from(name, answer.statusCode ?? 0, text, wait > 0 ? wait : undefined)
      }
      await sleep(wait * 1000, undefined, signal && { signal })
    }
  }

  /** Says of what comes in between that nobody knows what came of the request. */
  async function answered<T>({ method, path, signal }: ApiRequest, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof ApiError || signal?.aborted) throw error
      throw new NoAnswerError(`${method} ${path}`, error)
    }
  }

  return {
    async send(what) {
      const deadline = AbortSignal.timeout(timeoutMs)
      const signal = what.signal === undefined ? deadline : AbortSignal.any([what.signal, deadline])
      const text = await answered(what, async () => textOf(await attempt(what, signal)))
      return text === '' ? undefined : JSON.parse(text)
    },
    open: (what) => answered(what, () => attempt(what, what.signal)),
    close: () => agents.close(),
  }
}

interface Prepared {
  url: URL
  payload: Buffer | undefined
  settings: RequestOptions
}

/** One exchange; once more when the server had closed the kept connection at the moment we used it. */
async function exchange(prepared: Prepared, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  for (let first = true; ; first = false) {
    let reused = false
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        const start = prepared.url.protocol === 'http:' ? plainRequest : request
        const call = start(prepared.url, { ...prepared.settings, ...(signal && { signal }) }, resolve)
        call.on('error', (error) => {
          reused = call.reusedSocket
          reject(error)
        })
        call.end(prepared.payload)
      })
    } catch (error) {
      const reset = error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
      if (!(reset && reused && first) || signal?.aborted) throw error
    }
  }
}

/** Agents that keep connections, one for each set of TLS material: a rotated certificate gets new connections. */
function createAgents() {
  const agents = new Map<string, Agent | PlainAgent>()
  return {
    for(url: URL, { ca, cert, key, servername, rejectUnauthorized }: RequestOptions): Agent | PlainAgent {
      const tls = { ca, cert, key, servername, rejectUnauthorized }
      const id = url.protocol + JSON.stringify(Object.values(tls).map((value) => value?.toString()))
      const made =
        agents.get(id) ??
        (url.protocol === 'http:'
          ? new PlainAgent({ keepAlive: true })
          : new Agent({
              keepAlive: true,
              ...Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
            }))
      if (!agents.has(id)) {
        for (const old of agents.values()) old.destroy()
        agents.clear()
        agents.set(id, made)
      }
      return made
    },
    close() {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
