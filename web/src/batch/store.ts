import { type ApiClient, ApiError, type ApiEvent, type Connection, dataOf } from '../api/index.ts'
import { follow, overEventSource, overWebSocket } from '../live/index.ts'
import type { Uploads } from '../uploads/index.ts'
import { BatchModel } from './model.ts'

export type BatchStatus =
  | { kind: 'loading' }
  /** `error`: why it cannot be read; it is tried again by itself when that may help. */
  | { kind: 'error'; error: ApiError }
  | { kind: 'gone' }
  | { kind: 'ready'; model: BatchModel /** Whether all files are here. */; isWhole: boolean; isLive: boolean }

/** Files of the first page, which is wanted soon, and of the others. */
const firstPage = 200
const furtherPages = 1000
const againMs = 2000

/**
 * One batch as a page shows it: read, then followed. The position of the newest event is read before the files are, and
 * events are followed from there when all files are here: none can fall in between, and what is seen twice does no harm.
 */
export class BatchStore {
  readonly #api: ApiClient
  readonly #uploads: Uploads
  readonly #connection: Connection
  readonly #batchId: string
  readonly #listeners = new Set<() => void>()
  #status: BatchStatus = { kind: 'loading' }
  #version = 0
  #isToldSoon = false

  constructor(parts: { api: ApiClient; uploads: Uploads; connection: Connection; batchId: string }) {
    this.#api = parts.api
    this.#uploads = parts.uploads
    this.#connection = parts.connection
    this.#batchId = parts.batchId
  }

  get status(): BatchStatus {
    return this.#status
  }

  /** Changes with whatever there is to show. */
  readonly version = (): number => this.#version

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads and follows the batch until it is stopped by what this returns. */
  start(): () => void {
    const stopped = new AbortController()
    let unfollow: (() => void) | undefined
    const unsubscribe = this.#uploads.subscribe((batchId) => {
      if (batchId === this.#batchId) this.#changed()
    })
    const run = async () => {
      const model = await this.#load(stopped.signal)
      if (model === undefined || stopped.signal.aborted) return
      unfollow = follow({
        batchId: this.#batchId,
        after: model.batch.lastEvent,
        channels: [overWebSocket, overEventSource],
        connection: this.#connection,
        onEvent: (event) => this.#apply(model, event),
        onState: (state) => this.#set({ kind: 'ready', model, isWhole: true, isLive: state === 'live' }),
        onEnd: (why) => {
          if (why === 'gone') this.#set({ kind: 'gone' })
          else void run()
        },
      })
    }
    void run()
    return () => {
      stopped.abort()
      unfollow?.()
      unsubscribe()
    }
  }

  /** Tries until it is read, refused, or not wanted any more. */
  async #load(signal: AbortSignal): Promise<BatchModel | undefined> {
    for (;;) {
      try {
        return await this.#read(signal)
      } catch (error) {
        if (signal.aborted) return undefined
        if (!(error instanceof ApiError)) throw error
        this.#set(error.code === 'batch_not_found' ? { kind: 'gone' } : { kind: 'error', error })
        if (!error.retryable) return undefined
        await new Promise((resolve) => setTimeout(resolve, againMs))
      }
    }
  }

  async #read(signal: AbortSignal): Promise<BatchModel> {
    const params = { path: { id: this.#batchId } }
    const model = new BatchModel(await dataOf(this.#api.GET('/v1/batches/{id}', { params, signal })))
    let cursor: string | undefined
    do {
      const query = cursor === undefined ? { limit: firstPage } : { limit: furtherPages, cursor }
      const page = await dataOf(
        this.#api.GET('/v1/batches/{id}/files', { params: { ...params, query }, signal }),
      )
      model.addFiles(page.items)
      cursor = page.nextCursor
      this.#set({ kind: 'ready', model, isWhole: cursor === undefined, isLive: false })
    } while (cursor !== undefined)
    return model
  }

  #apply(model: BatchModel, event: ApiEvent): void {
    model.apply(event)
    const { fileId, state } = event
    // Cancelled, expired or erased elsewhere: there is nothing to send any more.
    const isOver = state === 'cancelled' || state === 'failed' || event.type === 'file.deleted'
    if (fileId !== undefined && isOver) this.#uploads.drop([fileId])
    this.#changed()
  }

  #set(status: BatchStatus): void {
    this.#status = status
    this.#changed()
  }

  /** Pages are told once a frame, however much has happened. */
  #changed(): void {
    if (this.#isToldSoon) return
    this.#isToldSoon = true
    const tell = () => {
      this.#isToldSoon = false
      this.#version += 1
      for (const listener of this.#listeners) listener()
    }
    // Frames are not drawn while the page is hidden; its title still counts.
    if (document.visibilityState === 'visible') requestAnimationFrame(tell)
    else setTimeout(tell, 250)
  }
}
