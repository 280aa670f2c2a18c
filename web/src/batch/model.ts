import type { ApiEvent, ApiFile, Batch } from '../api/index.ts'
import { applyEvent, type Row, rowOfFile } from './row.ts'
import { count, noSums, type Sums } from './sums.ts'

/**
 * A batch with its files, first as they were read, then as events change them. It is changed in place, because with
 * 10,000 files a copy for every event would be most of the work; `version` tells that something is different.
 */
export class BatchModel {
  batch: Batch
  readonly sums: Sums = noSums()
  version = 0
  readonly #rows: Row[] = []
  readonly #index = new Map<string, number>()

  constructor(batch: Batch) {
    this.batch = batch
  }

  /** Files in the order they were announced. */
  get rows(): readonly Row[] {
    return this.#rows
  }

  row(id: string): Row | undefined {
    const index = this.#index.get(id)
    return index === undefined ? undefined : this.#rows[index]
  }

  /** Takes over the batch as it was read anew. */
  update(batch: Batch): void {
    this.batch = batch
    this.version += 1
  }

  addFiles(files: readonly ApiFile[]): void {
    for (const file of files) this.#put(rowOfFile(file))
    this.version += 1
  }

  apply(event: ApiEvent): void {
    this.version += 1
    if (event.type === 'batch.completed' || event.type === 'batch.cancelled') {
      const state = event.type === 'batch.completed' ? 'completed' : 'cancelled'
      this.batch = { ...this.batch, state, sealed: true, completedAt: event.at }
      return
    }
    if (event.fileId === undefined) return
    if (this.batch.state === 'open' || this.#reopens(event)) this.batch = { ...this.batch, state: 'running' }
    const row = applyEvent(this.row(event.fileId), event)
    if (row !== undefined) this.#put(row)
    else if (event.type === 'file.deleted') this.#remove(event.fileId)
  }

  /** A retry in a batch that was over takes it up again. */
  #reopens({ type }: ApiEvent): boolean {
    return type === 'file.queued' && this.batch.state === 'completed'
  }

  #put(row: Row): void {
    const index = this.#index.get(row.id)
    const old = index === undefined ? undefined : this.#rows[index]
    if (index === undefined || old === undefined) {
      this.#index.set(row.id, this.#rows.push(row) - 1)
    } else {
      count(this.sums, old, -1)
      this.#rows[index] = row
    }
    count(this.sums, row)
  }

  #remove(id: string): void {
    const at = this.#index.get(id)
    const row = at === undefined ? undefined : this.#rows[at]
    if (at === undefined || row === undefined) return
    count(this.sums, row, -1)
    this.#rows.splice(at, 1)
    this.#index.delete(id)
    for (const [index, { id }] of this.#rows.entries()) if (index >= at) this.#index.set(id, index)
  }
}
