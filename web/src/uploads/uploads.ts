import { ApiError, type Connection, isPassing, type Upload, unreachable } from '../api/index.ts'
import type { UploadItem } from './item.ts'
import * as life from './item.ts'
import type { Transfer } from './transfer.ts'

export interface NewUpload {
  fileId: string
  file: Blob
  upload?: Upload
}

interface UploadsOptions {
  transfer: Transfer
  /** Tells the service that files of a batch are there. Rejects with ApiError. */
  announce: (batchId: string, fileIds: readonly string[]) => Promise<void>
  /** Told of each loss; when it is back, no file waits any longer. */
  connection: Pick<Connection, 'doubt' | 'onBack'>
  /** Files on their way at the same time. Browsers keep six connections to a host; some are for the pages. */
  concurrency?: number
  clock?: () => number
}

/** Files that have arrived are told together: this long after the first, or when there are this many. */
const announceMs = 250
const announceAtOnce = 200
/** How long the service is left alone when it could not be told. */
const announceAgainMs = 2000

/** What it knows of the uploads of one batch, as sums. */
export interface UploadTotals {
  /** Files this page has to send or has sent. */
  files: number
  bytes: number
  sentBytes: number
  /** Files that are not there yet and are neither paused nor failed. */
  active: number
  paused: number
  failed: number
  /** Why the first of those that failed did. */
  error?: ApiError
  /** Whether it waits for a connection. */
  isStuck: boolean
}

/**
 * Sends files, a few at a time. It outlives the pages: what was dropped goes on being sent while somebody looks elsewhere.
 */
export class Uploads {
  readonly #options: Required<UploadsOptions>
  readonly #items = new Map<string, UploadItem>()
  readonly #sources = new Map<string, NewUpload>()
  readonly #running = new Map<string, AbortController>()
  readonly #arrived = new Map<string, Set<string>>()
  readonly #listeners = new Set<(batchId: string) => void>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: UploadsOptions) {
    this.#options = { concurrency: 4, clock: Date.now, ...options }
    options.connection.onBack(() => {
      for (const fileId of this.#items.keys()) this.#change(fileId, life.hurry)
      this.#next()
    })
  }

  /** Calls back with the batch of whatever changes. Returns how to stop that. */
  subscribe(listener: (batchId: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  item(fileId: string): UploadItem | undefined {
    return this.#items.get(fileId)
  }

  /** Whether leaving the page would lose something. */
  get isBusy(): boolean {
    return this.#items.size > 0
  }

  totals(batchId: string): UploadTotals {
    const totals: UploadTotals = {
      files: 0,
      bytes: 0,
      sentBytes: 0,
      active: 0,
      paused: 0,
      failed: 0,
      isStuck: false,
    }
    for (const item of this.#items.values()) {
      if (item.batchId !== batchId) continue
      totals.files += 1
      totals.bytes += item.size
      totals.sentBytes += item.sent
      if (item.phase === 'paused') totals.paused += 1
      else if (item.phase === 'failed') {
        totals.failed += 1
        if (item.error !== undefined) totals.error ??= item.error
      } else totals.active += 1
      if (item.failures > 1) totals.isStuck = true
    }
    return totals
  }

  add(batchId: string, uploads: readonly NewUpload[]): void {
    for (const upload of uploads) {
      const { fileId, file } = upload
      if (this.#items.has(fileId)) continue
      this.#sources.set(fileId, upload)
      this.#items.set(fileId, life.newItem({ fileId, batchId, size: file.size }))
    }
    this.#changed(batchId)
    this.#next()
  }

  pause(fileId: string): void {
    this.#change(fileId, life.pause)
    this.#running.get(fileId)?.abort()
  }

  resume(fileId: string): void {
    this.#change(fileId, life.resume)
    this.#next()
  }

  pauseBatch(batchId: string): void {
    for (const { fileId } of this.#of(batchId)) this.pause(fileId)
  }

  resumeBatch(batchId: string): void {
    for (const { fileId } of this.#of(batchId)) this.resume(fileId)
  }

  /** Sends again what could not be sent; what is paused stays so. */
  retryBatch(batchId: string): void {
    for (const { fileId, phase } of this.#of(batchId)) if (phase === 'failed') this.resume(fileId)
  }

  /** Forgets files that need not be sent any more. */
  drop(fileIds: Iterable<string>): void {
    for (const fileId of fileIds) {
      const item = this.#items.get(fileId)
      if (item === undefined) continue
      this.#items.delete(fileId)
      this.#sources.delete(fileId)
      this.#running.get(fileId)?.abort()
      this.#changed(item.batchId)
    }
    this.#next()
  }

  dropBatch(batchId: string): void {
    this.drop([...this.#of(batchId)].map(({ fileId }) => fileId))
  }

  #of(batchId: string): UploadItem[] {
    return [...this.#items.values()].filter((item) => item.batchId === batchId)
  }

  #change(fileId: string, change: (item: UploadItem) => UploadItem): void {
    const item = this.#items.get(fileId)
    if (item === undefined) return
    const changed = change(item)
    if (changed === item) return
    this.#items.set(fileId, changed)
    this.#changed(item.batchId)
  }

  #changed(batchId: string): void {
    for (const listener of this.#listeners) listener(batchId)
  }

  /** Begins what is due, and comes back when something will be. */
  #next(): void {
    clearTimeout(this.#timer)
    const now = this.#options.clock()
    const limit = this.#options.concurrency
    for (const { fileId } of life.due(this.#items.values(), { limit, now })) void this.#send(fileId)
    const later = [...this.#items.values()]
      .filter(({ phase, notBefore }) => phase === 'waiting' && notBefore > now)
      .map(({ notBefore }) => notBefore)
    if (later.length > 0) {
      // Not by spreading: there may be thousands.
      const soonest = later.reduce((least, at) => Math.min(least, at))
      this.#timer = setTimeout(() => this.#next(), soonest - now)
    }
  }

  async #send(fileId: string): Promise<void> {
    const source = this.#sources.get(fileId)
    if (source === undefined || this.#running.has(fileId)) return
    const running = new AbortController()
    this.#running.set(fileId, running)
    this.#change(fileId, life.begin)
    try {
      await this.#options.transfer({
        ...source,
        signal: running.signal,
        onProgress: (sent) => this.#change(fileId, (item) => life.progress(item, sent)),
      })
      this.#change(fileId, life.succeed)
      this.#arrive(fileId)
    } catch (error) {
      // Paused or dropped: whoever did that has said what it is now.
      if (!running.signal.aborted) {
        const reason = toApiError(error)
        this.#change(fileId, (item) => life.fail(item, reason, this.#options.clock()))
        if (isPassing(reason)) this.#options.connection.doubt()
      }
    } finally {
      this.#running.delete(fileId)
      this.#next()
    }
  }

  #arrive(fileId: string): void {
    const item = this.#items.get(fileId)
    if (item === undefined) return
    const arrived = this.#arrived.get(item.batchId) ?? new Set()
    this.#arrived.set(item.batchId, arrived)
    arrived.add(fileId)
    if (arrived.size >= announceAtOnce) this.#announceArrived(item.batchId)
    else if (arrived.size === 1) setTimeout(() => this.#announceArrived(item.batchId), announceMs)
  }

  #announceArrived(batchId: string): void {
    const ids = [...(this.#arrived.get(batchId) ?? [])]
    this.#arrived.delete(batchId)
    if (ids.length > 0) void this.#announce(batchId, ids)
  }

  /** Tells the service until it knows. Files that it refuses fail, each with its own reason. */
  async #announce(batchId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    try {
      await this.#options.announce(batchId, ids)
      this.drop(ids)
    } catch (error) {
      const reason = toApiError(error)
      if (isPassing(reason)) {
        await new Promise((resolve) => setTimeout(resolve, announceAgainMs))
        await this.#announce(
          batchId,
          ids.filter((id) => this.#items.has(id)),
        )
      } else if (ids.length > 1) {
        // A list is refused as a whole: the one file that is wrong must not hold up the others.
        for (const id of ids) await this.#announce(batchId, [id])
      } else {
        for (const id of ids) this.#change(id, (item) => life.fail(item, reason, this.#options.clock()))
      }
    }
  }
}

function toApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : unreachable(error)
}
