/** One line of a bench's table. */
export interface Row {
  what: string
  /** The figure as people read it. */
  measured: string
  /** The figure as numbers, for the JSON. */
  values: Record<string, number>
  /** What the project promises, in words, and whether this run keeps it. */
  bar: string
  met: boolean
}

export interface BenchOptions {
  /** Fewer repetitions: shows that the bench works, not what the figures are. */
  short: boolean
}
