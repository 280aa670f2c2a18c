import createClient from 'openapi-fetch'
import type { components, paths } from './generated/schema.ts'
import { answered, unreachable } from './problem.ts'

type Schemas = components['schemas']
export type Batch = Schemas['Batch']
export type ApiFile = Schemas['File']
export type ApiEvent = Schemas['Event']
export type Upload = Schemas['Upload']
export type Failure = Schemas['Failure']
export type CompressionOptions = Schemas['CompressionOptions']
export type Job = Schemas['Job']
export type JobDetail = Schemas['JobDetail']
export type JobDecision = Schemas['JobDecision']
export type ErrorCode = Schemas['Problem']['code']
export type FileState = ApiFile['state']

export type ApiClient = ReturnType<typeof createApiClient>

/**
 * The API, typed by its OpenAPI document. Requests are same-origin unless `baseUrl` says otherwise. Use it with `dataOf`:
 *
 *     const batch = await dataOf(api.GET('/v1/batches/{id}', { params: { path: { id } }, signal }))
 */
export function createApiClient(baseUrl = '') {
  return createClient<paths>({ baseUrl, headers: { accept: 'application/json' } })
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The data of an answer. Throws ApiError when the request was refused or not answered; an abort stays an abort. */
export async function dataOf<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw unreachable(cause)
  })
  if (!response.ok) throw answered(response.status, error)
  if (data === undefined) throw answered(response.status, undefined)
  return data
}

/** For calls that are answered without a body. */
export async function done(answer: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await answer.catch((cause: unknown) => {
    throw unreachable(cause)
  })
  if (!response.ok) throw answered(response.status, error)
}
