import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

export const fileSchema = z.object({
  id: z.string(),
  batchId: z.string(),
  name: z.string(),
  state: z.string(),
  type: z.string().optional(),
  attempts: z.number(),
  result: z
    .object({
      outcome: z.string(),
      reason: z.string().optional(),
      bytesIn: z.number(),
      bytesOut: z.number(),
      outputs: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          url: z.string(),
          bytes: z.number(),
          quality: z.number().optional(),
          sha256: z.string(),
          contentEncoding: z.string().optional(),
        }),
      ),
    })
    .optional(),
  error: z.object({ code: z.string(), message: z.string(), history: z.array(z.unknown()) }).optional(),
})
export type ApiFile = z.infer<typeof fileSchema>

export const batchSchema = z.object({
  id: z.string(),
  state: z.string(),
  sealed: z.boolean(),
  files: z.record(z.string(), z.number()),
  bytes: z.object({ in: z.number(), out: z.number(), saved: z.number() }),
})
export type ApiBatch = z.infer<typeof batchSchema>

export const uploadSchema = z.object({
  fileId: z.string(),
  name: z.string(),
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
})
const uploadsSchema = z.object({ items: z.array(uploadSchema), nextCursor: z.string().optional() })
export const createdSchema = batchSchema.extend({ uploads: uploadsSchema })

const problemSchema = z.object({
  status: z.number(),
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  retryable: z.boolean(),
  requestId: z.string(),
})
export type Problem = z.infer<typeof problemSchema>

export const filesSchema = z.object({ items: z.array(fileSchema), nextCursor: z.string().optional() })

export interface Submission {
  name: string
  /** Further parameters of the query. */
  query?: Record<string, string>
  headers?: Record<string, string>
}

/** Sees every answer of the client, before the client does. */
export type Observer = (method: string, path: string, response: Response) => Promise<void>

/** A user of the service who knows nothing but its address. */
export class Client {
  readonly url: string
  readonly #observe: Observer | undefined

  constructor(url: string, observe?: Observer) {
    this.url = url
    this.#observe = observe
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(new URL(path, this.url), { signal: AbortSignal.timeout(60_000), ...init })
    await this.#observe?.(init.method ?? 'GET', path, response.clone())
    return response
  }

  async json<T>(path: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<T> {
    const response = await this.request(path, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path} answered ${response.status}: ${text}`)
    return schema.parse(JSON.parse(text))
  }

  post<T>(path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    return this.json(path, schema, asJson(body))
  }

  /** The problem document a request is refused with; throws when it is not refused. */
  async refused(path: string, init: RequestInit = {}): Promise<Problem> {
    return readProblem(await this.request(path, init))
  }

  /** Sends bytes as one file and waits until the file has ended. */
  async compress(bytes: Uint8Array, submission: Submission): Promise<ApiFile> {
    const file = await this.json(pathOf(submission), fileSchema, upload(bytes, submission))
    return file.state === 'queued' || file.state === 'processing' ? this.ended(file.id) : file
  }

  refusedFile(bytes: Uint8Array, submission: Submission): Promise<Problem> {
    return this.refused(pathOf(submission), upload(bytes, submission))
  }

  file(id: string): Promise<ApiFile> {
    return this.json(`/v1/files/${id}`, fileSchema)
  }

  ended(id: string): Promise<ApiFile> {
    return until(`file ${id} to end`, async () => {
      const file = await this.file(id)
      return ['completed', 'failed', 'cancelled'].includes(file.state) ? file : undefined
    })
  }

  batch(id: string): Promise<ApiBatch> {
    return this.json(`/v1/batches/${id}`, batchSchema)
  }

  async files(batchId: string, query: Record<string, string> = {}): Promise<ApiFile[]> {
    const all: ApiFile[] = []
    let cursor: string | undefined
    do {
      const parameters = new URLSearchParams({ ...query, ...(cursor !== undefined && { cursor }) })
      const page = await this.json(`/v1/batches/${batchId}/files?${parameters}`, filesSchema)
      all.push(...page.items)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    return all
  }

  async bytes(path: string, headers: Record<string, string> = {}): Promise<Buffer> {
    const response = await this.request(path, { headers })
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
    return Buffer.from(await response.arrayBuffer())
  }

  content(file: ApiFile): Promise<Buffer> {
    return this.bytes(`/v1/files/${file.id}/content`)
  }
}

export function asJson(body?: unknown, headers: Record<string, string> = {}): RequestInit {
  return body === undefined
    ? { method: 'POST', headers }
    : {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }
}

/** Asks again and again until there is an answer. Throws after a time that only a hang needs. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, ms = 45_000): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`)
    await delay(20)
  }
}

export async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text()
  if (response.headers.get('content-type') !== 'application/problem+json')
    throw new Error(`answered ${response.status} without a problem: ${text}`)
  const problem = problemSchema.parse(JSON.parse(text))
  if (problem.status !== response.status) throw new Error(`answered ${response.status} with ${text}`)
  return problem
}

function pathOf({ name, query = {} }: Submission): string {
  return `/v1/files?${new URLSearchParams({ name, ...query })}`
}

function upload(bytes: Uint8Array, { headers = {} }: Submission): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', prefer: 'wait=30', ...headers },
    body: new Uint8Array(bytes),
  }
}
