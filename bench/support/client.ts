import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { readEvents } from '../../test/support/sse.ts'

const idSchema = z.object({ id: z.string() })
const batchSchema = z.object({ files: z.object({ queued: z.number(), processing: z.number() }) })

/** The calls benches make, as any client would. */
export class BenchClient {
  readonly url: string
  readonly #connections = new Agent({ keepAlive: true })

  constructor(url: string) {
    this.url = url
  }

  async createBatch(options: unknown, files: unknown[] = [], job?: string): Promise<string> {
    const batch = await this.json('/v1/batches', { options, files, job })
    return idSchema.parse(batch).id
  }

  /** Not by `fetch`, which takes several times the CPU of the request itself, on the cores of the service. */
  async upload(batchId: string, name: string, bytes: Uint8Array): Promise<void> {
    const query = new URLSearchParams({ batch: batchId, name })
    const upload = request(`${this.url}/v1/files?${query}`, {
      method: 'POST',
      agent: this.#connections,
      headers: { 'content-type': 'application/octet-stream', 'content-length': bytes.length },
    })
    upload.end(bytes)
    const [response]: IncomingMessage[] = await once(upload, 'response')
    if (response === undefined) throw new Error('no answer')
    const body = await text(response)
    if (response.statusCode !== 202) throw new Error(`an upload was answered ${response.statusCode}: ${body}`)
  }

  async seal(batchId: string): Promise<void> {
    await this.json(`/v1/batches/${batchId}/complete`, undefined)
  }

  /** Resolves when the batch has completed. */
  completion(batchId: string): Promise<void> {
    return this.untilEvent(batchId, 'batch.completed')
  }

  /** Resolves when an event of this type has come. */
  async untilEvent(batchId: string, type: string): Promise<void> {
    const done = new AbortController()
    const until = AbortSignal.any([done.signal, AbortSignal.timeout(600_000)])
    const url = `${this.url}/v1/batches/${batchId}/events`
    try {
      await readEvents(url, {
        signal: until,
        onEvent: ({ data }) => {
          if (z.object({ type: z.string() }).parse(data).type === type) done.abort()
        },
      })
    } catch (error) {
      if (!done.signal.aborted) throw error
    }
  }

  /** Of a batch, how many have not ended. */
  async openFiles(batchId: string): Promise<number> {
    const { files } = batchSchema.parse(await this.get(`/v1/batches/${batchId}`))
    return files.queued + files.processing
  }

  async get(path: string): Promise<unknown> {
    const response = await this.ok(await fetch(`${this.url}${path}`))
    return response.json()
  }

  async json(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method: 'POST',
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    return (await this.ok(response)).json()
  }

  private async ok(response: Response): Promise<Response> {
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`)
    return response
  }
}
