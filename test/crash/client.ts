import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { readEvents } from '../support/sse.ts'
import type { Input } from './inputs.ts'
import type { Ledger } from './ledger.ts'

const fileSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  error: z.object({ code: z.string() }).optional(),
  result: z
    .object({
      outcome: z.string(),
      outputs: z.array(
        z.object({ key: z.string(), sha256: z.string(), contentEncoding: z.string().optional() }),
      ),
    })
    .optional(),
})
export type ApiFile = z.infer<typeof fileSchema>

export const eventSchema = z.object({ seq: z.number(), type: z.string(), fileId: z.string().optional() })
export type ApiEvent = z.infer<typeof eventSchema>

export function isOpen({ state }: ApiFile): boolean {
  return state === 'queued' || state === 'processing'
}

const batchSchema = z.object({ id: z.string(), state: z.string(), files: z.object({ total: z.number() }) })

/** A client that goes on when the service dies under it, as a careful program would: same request, same key. */
export class StubbornClient {
  readonly #urls: readonly string[]
  readonly #signal: AbortSignal
  #turn = 0

  /** Several addresses are of one service: when one fails the next is asked. */
  constructor(urls: readonly string[], signal: AbortSignal) {
    this.#urls = urls
    this.#signal = signal
  }

  get #url(): string {
    return this.#urls[this.#turn % this.#urls.length] ?? ''
  }

  /** Repeats a request until there is an answer that is not the service's being away. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    for (;;) {
      this.#signal.throwIfAborted()
      try {
        const response = await fetch(`${this.#url}${path}`, { ...init, signal: this.#signal })
        if (response.status !== 503 && response.status !== 409) return response
        await response.body?.cancel()
      } catch (error) {
        if (this.#signal.aborted) throw error
      }
      this.#turn++
      await delay(25, undefined, { signal: this.#signal })
    }
  }

  async json<T>(path: string, schema: z.ZodType<T>, init?: RequestInit): Promise<T> {
    for (;;) {
      const response = await this.request(path, init)
      const text = await response.text().catch(() => undefined)
      // The service died while it answered: ask again.
      if (text === undefined) continue
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
      return schema.parse(JSON.parse(text))
    }
  }

  createBatch() {
    return this.json('/v1/batches', batchSchema, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'the-batch' },
      body: JSON.stringify({ files: [] }),
    })
  }

  async submit(batchId: string, input: Input, ledger: Ledger): Promise<void> {
    const query = new URLSearchParams({ batch: batchId, name: input.name })
    const file = await this.json(`/v1/files?${query}`, fileSchema, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'idempotency-key': input.name },
      body: new Uint8Array(input.bytes),
    })
    ledger.accept({ fileId: file.id, name: input.name, sha256: input.sha256 })
  }

  seal(batchId: string) {
    return this.json(`/v1/batches/${batchId}/complete`, z.unknown(), { method: 'POST' })
  }

  batch(batchId: string) {
    return this.json(`/v1/batches/${batchId}`, batchSchema)
  }

  async files(batchId: string): Promise<ApiFile[]> {
    const pageSchema = z.object({ items: z.array(fileSchema), nextCursor: z.string().optional() })
    const all: ApiFile[] = []
    let cursor: string | undefined
    do {
      const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) })
      const page = await this.json(`/v1/batches/${batchId}/files?${query}`, pageSchema)
      all.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return all
  }

  /** Waits until a file that is open now has ended; returns at once when none is. */
  async endsMore(batchId: string): Promise<void> {
    const open = new Set((await this.files(batchId)).filter(isOpen).map((file) => file.id))
    const ended = async () => (await this.files(batchId)).some((file) => open.has(file.id) && !isOpen(file))
    while (open.size > 0 && !(await ended())) await delay(25, undefined, { signal: this.#signal })
  }

  async content(fileId: string): Promise<Buffer> {
    const response = await this.request(`/v1/files/${fileId}/content`)
    if (!response.ok) throw new Error(`the content of ${fileId} answered ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  }

  /** Follows a batch's events over every restart, until its completion has come. */
  async follow(batchId: string): Promise<ApiEvent[]> {
    const events: ApiEvent[] = []
    const complete = new AbortController()
    const signal = AbortSignal.any([this.#signal, complete.signal])
    while (!signal.aborted) {
      const lastEventId = events.at(-1)?.seq
      try {
        await readEvents(`${this.#url}/v1/batches/${batchId}/events`, {
          ...(lastEventId !== undefined && { lastEventId }),
          signal,
          onEvent: ({ data }) => {
            const event = eventSchema.parse(data)
            events.push(event)
            if (event.type === 'batch.completed') complete.abort()
          },
        })
      } catch (error) {
        if (error instanceof z.ZodError) throw error
      }
      this.#turn++
      if (!signal.aborted) await delay(25)
    }
    this.#signal.throwIfAborted()
    return events
  }
}
