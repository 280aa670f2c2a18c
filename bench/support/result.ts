import type { ServiceAddresses } from '../../test/support/service-addresses.ts'

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
  /** For ratios: whether the figure is at least in the neighbourhood of the bar, on any machine, however busy. */
  holds?: boolean
}

export interface BenchOptions {
  /** Fewer repetitions: shows that the bench works, not what the figures are. */
  short: boolean
  /** Servers that run already. Absent: those the environment names, or ones of the bench's own. */
  addresses?: ServiceAddresses
}
