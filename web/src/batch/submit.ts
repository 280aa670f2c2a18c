import {
  type ApiClient,
  ApiError,
  type CompressionOptions,
  dataOf,
  isPassing,
  sentence,
  type Upload,
} from '../api/index.ts'
import type { NewUpload, Uploads } from '../uploads/index.ts'
import type { Picked, Refused } from './intake.ts'
import { nameFor } from './name.ts'

interface SubmitOptions {
  api: ApiClient
  uploads: Uploads
  files: readonly Picked[]
  options: CompressionOptions
  /** Called when the service cannot be reached, each time it is tried again. */
  onWaiting: () => void
  signal: AbortSignal
}

export interface Submitted {
  /** Absent when nothing was left to submit. */
  batchId?: string
  refused: Refused[]
}

const againMs = 2000

/**
 * Announces files and begins to send them. Files that the service refuses are left out, each with its reason, and the
 * others go on. While the service cannot be reached it is tried again: an idempotency key keeps that from making two
 * batches. Throws ApiError for what nobody can wait for.
 */
export async function submit(request: SubmitOptions): Promise<Submitted> {
  const refused: Refused[] = []
  let files = request.files
  while (files.length > 0) {
    try {
      const { id, firstUploads } = await announce(request, files)
      send(request, id, files, firstUploads)
      return { batchId: id, refused }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const faults = faultyFiles(error)
      if (faults.size === 0) throw error
      refused.push(
        ...[...faults].flatMap(([index, why]) => {
          const file = files[index]
          return file === undefined ? [] : [{ name: file.name, size: file.file.size, why }]
        }),
      )
      files = files.filter((_, index) => !faults.has(index))
    }
  }
  return { refused }
}

async function announce({ api, options, onWaiting, signal }: SubmitOptions, files: readonly Picked[]) {
  const key = crypto.randomUUID?.() ?? String(Math.random()).slice(2)
  const name = nameFor(files.map((file) => file.name))
  const body = { name, files: files.map(manifestEntry), options }
  const header = { 'idempotency-key': key }
  for (;;) {
    try {
      const batch = await dataOf(api.POST('/v1/batches', { params: { header }, body, signal }))
      return { id: batch.id, firstUploads: batch.uploads }
    } catch (error) {
      if (!isPassing(error)) throw error
      onWaiting()
      await new Promise((resolve) => setTimeout(resolve, againMs))
      signal.throwIfAborted()
    }
  }
}

/** Which files a refusal is about, by their place in the request. */
export function faultyFiles(error: ApiError): Map<number, string> {
  const faults = new Map<number, string>()
  for (const { pointer, detail } of error.faults) {
    const index = /^#\/files\/(\d+)(\/|$)/.exec(pointer ?? '')?.[1]
    if (index === undefined) continue
    const what = error.code === 'file_too_large' ? 'The file is larger than the service takes: ' : ''
    faults.set(Number(index), what ? `${what}${sentence(detail).toLowerCase()}` : sentence(detail))
  }
  return faults
}

function manifestEntry({ name, file }: Picked) {
  const { type } = file
  const isType = type.length <= 100 && /^[\w.+-]+\/[\w.+-]+$/.test(type)
  return { name, size: file.size, ...(isType && { type }) }
}

interface UploadPage {
  items: Upload[]
  nextCursor?: string
}

/** Queues the first uploads at once, and the others as their addresses come. */
function send(
  { api, uploads }: SubmitOptions,
  batchId: string,
  files: readonly Picked[],
  first: UploadPage,
): void {
  const byName = new Map(files.map(({ name, file }) => [name, file]))
  uploads.add(batchId, match(first.items, byName))
  seal(api, batchId).catch(reportError)
  if (first.nextCursor === undefined) return
  addFurther({ api, uploads }, batchId, byName, first.nextCursor).catch(reportError)
}

function match(items: readonly Upload[], byName: ReadonlyMap<string, File>): NewUpload[] {
  return items.flatMap((upload) => {
    const file = byName.get(upload.name)
    return file === undefined ? [] : [{ fileId: upload.fileId, file, upload }]
  })
}

async function addFurther(
  { api, uploads }: Pick<SubmitOptions, 'api' | 'uploads'>,
  batchId: string,
  byName: ReadonlyMap<string, File>,
  from?: string,
): Promise<void> {
  let cursor = from
  do {
    const query = cursor === undefined ? {} : { cursor }
    const page: UploadPage = await insistently(() =>
      dataOf(api.GET('/v1/batches/{id}/uploads', { params: { path: { id: batchId }, query } })),
    )
    uploads.add(batchId, match(page.items, byName))
    cursor = page.nextCursor
  } while (cursor !== undefined)
}

/** Nothing will be added: the batch may complete as soon as its files have. */
async function seal(api: ApiClient, batchId: string): Promise<void> {
  await insistently(() =>
    dataOf(api.POST('/v1/batches/{id}/complete', { params: { path: { id: batchId } }, body: {} })),
  )
}

/**
 * Goes on with the uploads of a batch that another page, or this one before it was loaded again, has left: files that
 * wait for their bytes are found by name and size among those given. Resolves with how many there were.
 */
export async function goOn(
  { api, uploads }: Pick<SubmitOptions, 'api' | 'uploads'>,
  batchId: string,
  waiting: readonly { name: string; size?: number }[],
  picked: readonly Picked[],
): Promise<number> {
  const found = matchWaiting(waiting, picked)
  if (found.size > 0) await addFurther({ api, uploads }, batchId, found)
  return found.size
}

/** The files that are waited for, by the names they were announced under. Files picked one by one have lost their folders. */
export function matchWaiting(
  waiting: readonly { name: string; size?: number }[],
  picked: readonly Picked[],
): Map<string, File> {
  const byKey = new Map<string, File>()
  for (const { name, file } of picked) {
    byKey.set(`${file.size} ${baseOf(file.name.normalize('NFC'))}`, file)
    byKey.set(`${file.size} ${name.replace(/^\/+/, '').normalize('NFC')}`, file)
  }
  const found = new Map<string, File>()
  for (const { name, size } of waiting) {
    const file = byKey.get(`${size} ${name}`) ?? byKey.get(`${size} ${baseOf(name)}`)
    if (file !== undefined) found.set(name, file)
  }
  return found
}

function baseOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/**
 * Again and again while the service cannot be reached, or nobody is signed in who may: nobody is there to press a button.
 * Any other refusal is final: the page of the batch shows what is wrong.
 */
async function insistently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      const isSignedOut = error instanceof ApiError && error.code === 'invalid_token'
      if (!isPassing(error) && !isSignedOut) throw error
      await new Promise((resolve) => setTimeout(resolve, againMs))
    }
  }
}
