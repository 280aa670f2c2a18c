import { z } from 'zod'
import { readEvents } from '../../test/support/sse.ts'

const idSchema = z.object({ id: z.string() })

/** The calls benches make, as any client would. */
export class BenchClient {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  async createBatch(options: unknown, files: unknown[] = []): Promise<string> {
    const batch = await this.json('/v1/batches', { options, files })
    return idSchema.parse(batch).id
  }

  async upload(batchId: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const query = new URLSearchParams({ batch: batchId, name })
    await this.ok(
      await fetch(`${this.url}/v1/files?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: bytes,
      }),
    )
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
