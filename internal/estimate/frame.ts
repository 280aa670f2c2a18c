import { hash } from 'node:crypto'
import { sizeClass, topFolder, typeByName } from './classify.ts'
import { Lowest } from './lowest.ts'

/** One file of what is estimated, as a listing says it. */
export interface Listed<T> {
  /** Below the prefix or folder that is estimated, its parts separated by `/`. */
  path: string
  /** Bytes. */
  size: number
  /** Predicted worker-milliseconds. */
  predictedMs: number
  /** `STANDARD` where there are no classes. */
  storageClass: string
  /** Days since it was written. */
  ageDays: number
  /** Whatever finds it again. */
  ref: T
}

export interface Candidate<T> extends Listed<T> {
  type: string
  class: number
  folder: string
  /** From 0 to 1, as if drawn, and the same for the same seed and path in whatever order files are listed. */
  draw: number
}

/** Sums over files. */
export interface Sums {
  files: number
  bytes: number
  predictedMs: number
}

/** Files of one type and class of size, before anything is drawn. */
export interface FrameCell<T> extends Sums {
  type: string
  class: number
  folders: Map<string, Sums>
  storageClasses: Map<string, Sums>
  lowest: Lowest<Candidate<T>>
}

/** What fees for early deletion depend on: bytes by storage class and whole days since they were written, up to the longest minimum. */
export type Ages = ReadonlyMap<string, readonly number[]>

/** Types and folders told apart; further ones are one. What is listed decides nothing about memory. */
const mostTypes = 40
const mostFolders = 500
export const otherTypes = 'other types'
export const otherFolders = '(other folders)'
/** Days after which nothing costs a fee for being deleted, whatever its class. */
const agesKept = 180

/**
 * Everything there is to be estimated, taken in while it is listed: sums, and for each type and class of size the files that
 * come first in a random order. Memory depends on the size of the sample and not of the listing.
 */
export class Frame<T> {
  readonly sampleSize: number
  readonly total: Sums = { files: 0, bytes: 0, predictedMs: 0 }
  /** Files of no bytes: nothing can be saved of them. */
  empty = 0
  readonly #seed: string
  readonly #cells = new Map<string, FrameCell<T>>()
  readonly #types = new Set<string>()
  readonly #folders = new Set<string>()
  readonly #ages = new Map<string, number[]>()
  readonly #largest: Lowest<Candidate<T>>

  constructor({ sampleSize, seed }: { sampleSize: number; seed: number }) {
    this.sampleSize = sampleSize
    this.#seed = `${seed}/`
    this.#largest = new Lowest(largestKept(sampleSize), ({ size }) => -size)
  }

  add(file: Listed<T>): void {
    if (file.size === 0) {
      this.empty += 1
      return
    }
    const type = known(this.#types, typeByName(file.path), mostTypes, otherTypes)
    const folder = known(this.#folders, topFolder(file.path), mostFolders, otherFolders)
    const ofSize = sizeClass(file.size)
    const cell = this.#cell(type, ofSize)
    count(this.total, file)
    count(cell, file)
    count(sumsOf(cell.folders, folder), file)
    count(sumsOf(cell.storageClasses, file.storageClass), file)
    this.#age(file)
    const draw = hash('sha1', this.#seed + file.path, 'buffer').readUIntBE(0, 6) / 2 ** 48
    if (!cell.lowest.wants(draw) && !this.#largest.wants(-file.size)) return
    const candidate = { ...file, type, class: ofSize, folder, draw }
    cell.lowest.add(candidate)
    this.#largest.add(candidate)
  }

  cells(): FrameCell<T>[] {
    return [...this.#cells.values()]
  }

  /** Largest first. */
  largest(): Candidate<T>[] {
    return this.#largest.items()
  }

  get ages(): Ages {
    return this.#ages
  }

  #cell(type: string, size: number): FrameCell<T> {
    const id = `${type}/${size}`
    const found = this.#cells.get(id)
    if (found !== undefined) return found
    // Those of the largest that leave a cell for the sample of certain files must not leave it short.
    const capacity = this.sampleSize + largestKept(this.sampleSize)
    const cell: FrameCell<T> = {
      type,
      class: size,
      files: 0,
      bytes: 0,
      predictedMs: 0,
      folders: new Map(),
      storageClasses: new Map(),
      lowest: new Lowest(capacity, ({ draw }) => draw),
    }
    this.#cells.set(id, cell)
    return cell
  }

  #age({ storageClass, ageDays, size }: Listed<T>): void {
    const days = Math.min(agesKept, Math.max(0, Math.floor(ageDays)))
    const bytes = this.#ages.get(storageClass) ?? new Array<number>(agesKept + 1).fill(0)
    bytes[days] = (bytes[days] ?? 0) + size
    this.#ages.set(storageClass, bytes)
  }
}

/** The largest files that may be looked at for certain: half of the sample. */
function largestKept(sampleSize: number): number {
  return Math.max(1, Math.floor(sampleSize / 2))
}

export function sumsOf(map: Map<string, Sums>, name: string): Sums {
  const found = map.get(name)
  if (found !== undefined) return found
  const sums = { files: 0, bytes: 0, predictedMs: 0 }
  map.set(name, sums)
  return sums
}

export function count(
  sums: Sums,
  { size, predictedMs }: { size: number; predictedMs: number },
  times = 1,
): void {
  sums.files += times
  sums.bytes += times * size
  sums.predictedMs += times * predictedMs
}

function known(seen: Set<string>, name: string, most: number, rest: string): string {
  if (seen.has(name)) return name
  if (seen.size >= most) return rest
  seen.add(name)
  return name
}
