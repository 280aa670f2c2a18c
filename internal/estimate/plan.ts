import { type Candidate, count, type Frame, otherTypes, type Sums, sumsOf } from './frame.ts'

/** Files that are alike as far as their names and sizes say, and those of them that are looked at. */
export interface Stratum<T> extends Sums {
  type: string
  /** By top folder. */
  folders: Map<string, Sums>
  storageClasses: Map<string, Sums>
  /** Drawn without replacement, each file as likely as any other; all of them in a stratum of certain files. */
  sample: Candidate<T>[]
}

/** Files looked at in each stratum, at least, when it has as many: a spread cannot be seen in fewer. */
export const leastPerStratum = 5

/** A cell on its way to be a stratum: its sample is still everything that could be drawn. */
interface Open<T> extends Stratum<T> {
  class: number
}

/**
 * Decides which files are looked at:
 *
 *     files so large that a sample by bytes would hold them anyway ──▶ certain: all are looked at
 *     the others, by type and class of size ──▶ what is too little for a sample of its own joins its neighbour
 *         ──▶ each gets a part of the sample in proportion to its bytes, and at least five
 *
 * With many strata the sample is somewhat larger than was asked for.
 */
export function planSample<T>(frame: Frame<T>): Stratum<T>[] {
  const cells = frame.cells().map(({ lowest, folders, storageClasses, ...cell }) => ({
    ...cell,
    folders: copied(folders),
    storageClasses: copied(storageClasses),
    sample: lowest.items(),
  }))
  const certain = chooseCertain(frame)
  const left = frame.sampleSize - certain.size
  const strata = joinSmall(
    cells.map((cell) => without(cell, certain)).filter(({ files }) => files > 0),
    left,
  )
  const bytes = strata.reduce((sum, stratum) => sum + stratum.bytes, 0)
  return [
    ...strataOf(certain),
    ...strata.map((stratum) => {
      const drawn = Math.max(leastPerStratum, Math.round((left * stratum.bytes) / bytes))
      return { ...stratum, sample: stratum.sample.slice(0, drawn) }
    }),
  ]
}

/** Files whose part of all bytes is a whole place in the sample, once larger ones have theirs. */
function chooseCertain<T>(frame: Frame<T>): Set<Candidate<T>> {
  const certain = new Set<Candidate<T>>()
  let { bytes } = frame.total
  for (const candidate of frame.largest()) {
    if (candidate.size * (frame.sampleSize - certain.size) < bytes) break
    certain.add(candidate)
    bytes -= candidate.size
  }
  return certain
}

/** The certain files, a stratum a type: nothing in them is left to chance. */
function strataOf<T>(certain: ReadonlySet<Candidate<T>>): Stratum<T>[] {
  const strata = new Map<string, Stratum<T>>()
  for (const candidate of certain) {
    const stratum = strata.get(candidate.type) ?? nothing(candidate.type)
    strata.set(candidate.type, stratum)
    countIn(stratum, candidate, 1)
    stratum.sample.push(candidate)
  }
  return [...strata.values()]
}

function without<T>(cell: Open<T>, certain: ReadonlySet<Candidate<T>>): Open<T> {
  for (const candidate of certain) {
    if (candidate.type === cell.type && candidate.class === cell.class) countIn(cell, candidate, -1)
  }
  return { ...cell, sample: cell.sample.filter((candidate) => !certain.has(candidate)) }
}

function countIn<T>(stratum: Stratum<T>, file: Candidate<T>, times: 1 | -1): void {
  count(stratum, file, times)
  count(sumsOf(stratum.folders, file.folder), file, times)
  count(sumsOf(stratum.storageClasses, file.storageClass), file, times)
}

/**
 * Joins cells until each is worth a sample of its own: classes of size of one type first, smallest with the next, then what
 * is left of all types.
 */
function joinSmall<T>(cells: readonly Open<T>[], places: number): Open<T>[] {
  const bytes = cells.reduce((sum, cell) => sum + cell.bytes, 0)
  const isSmall = (cell: Open<T>) => cell.bytes * places < leastPerStratum * bytes
  const joined: Open<T>[] = []
  for (const cell of cells.toSorted((a, b) => a.type.localeCompare(b.type) || a.class - b.class)) {
    const last = joined.at(-1)
    if (last?.type === cell.type && (isSmall(last) || isSmall(cell))) {
      joined.splice(-1, 1, join(last, cell, cell.type))
    } else joined.push(cell)
  }
  const small = joined.filter(isSmall)
  if (small.length < 2) return joined
  const rest = small.reduce((sum, cell) => join(sum, cell, otherTypes))
  return [...joined.filter((cell) => !isSmall(cell)), rest]
}

function join<T>(a: Open<T>, b: Open<T>, type: string): Open<T> {
  return {
    type,
    class: b.class,
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
    predictedMs: a.predictedMs + b.predictedMs,
    folders: added(a.folders, b.folders),
    storageClasses: added(a.storageClasses, b.storageClasses),
    sample: [...a.sample, ...b.sample].sort((one, other) => one.draw - other.draw),
  }
}

function added(a: ReadonlyMap<string, Sums>, b: ReadonlyMap<string, Sums>): Map<string, Sums> {
  const sum = copied(a)
  for (const [name, { files, bytes, predictedMs }] of b) {
    const sums = sumsOf(sum, name)
    sums.files += files
    sums.bytes += bytes
    sums.predictedMs += predictedMs
  }
  return sum
}

function copied(sums: ReadonlyMap<string, Sums>): Map<string, Sums> {
  return new Map([...sums].map(([name, value]) => [name, { ...value }]))
}

function nothing<T>(type: string): Stratum<T> {
  const sums = { files: 0, bytes: 0, predictedMs: 0 }
  return { type, ...sums, folders: new Map(), storageClasses: new Map(), sample: [] }
}
