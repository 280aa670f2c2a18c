import * as prom from 'prom-client'

/** Values a label may have: a closed list, or words for an open set that stays small. */
export type LabelValues = readonly string[] | { bounded: string }
export type LabelSpec = Readonly<Record<string, LabelValues>>

/** Without labels the value stands alone, `inc()`, `set(3)`; with labels they come first, `inc({ code })`. */
type Arguments<L extends LabelSpec, V extends readonly unknown[]> = [keyof L] extends [never]
  ? V
  : [labels: { readonly [K in keyof L]: L[K] extends readonly (infer T extends string)[] ? T : string }, ...V]

export interface Counter<L extends LabelSpec> {
  inc(...args: Arguments<L, [by?: number]>): void
}

export interface Gauge<L extends LabelSpec> {
  set(...args: Arguments<L, [value: number]>): void
  inc(...args: Arguments<L, [by?: number]>): void
  dec(...args: Arguments<L, [by?: number]>): void
  /** Forgets every series; for gauges whose label values come and go. */
  reset(): void
}

export interface Histogram<L extends LabelSpec> {
  observe(...args: Arguments<L, [value: number]>): void
}

/** What the reference says about one metric. */
export interface MetricDescription {
  name: string
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels: LabelSpec
  buckets?: readonly number[]
}

/** Makes metrics on one registry and remembers how to describe them. */
export function instrumentsOn(registry: prom.Registry) {
  const descriptions: MetricDescription[] = []
  const common = (name: string, help: string, labels: LabelSpec) => ({
    name,
    help,
    labelNames: Object.keys(labels),
    registers: [registry],
  })

  // One overload each: prom-client's classes take any label values, the signature lets through the declared ones.
  function counter<const L extends LabelSpec>(name: string, help: string, labels: L): Counter<L>
  function counter(name: string, help: string, labels: LabelSpec): prom.Counter {
    descriptions.push({ name, type: 'counter', help, labels })
    const made = new prom.Counter(common(name, help, labels))
    // A series that appears with its first failure hides that failure from rate() and increase().
    for (const combination of closedCombinations(labels)) made.inc(combination, 0)
    return made
  }

  function gauge<const L extends LabelSpec>(name: string, help: string, labels: L): Gauge<L>
  function gauge(name: string, help: string, labels: LabelSpec): prom.Gauge {
    descriptions.push({ name, type: 'gauge', help, labels })
    return new prom.Gauge(common(name, help, labels))
  }

  function histogram<const L extends LabelSpec>(
    name: string,
    help: string,
    labels: L,
    buckets: readonly number[],
  ): Histogram<L>
  function histogram(
    name: string,
    help: string,
    labels: LabelSpec,
    buckets: readonly number[],
  ): prom.Histogram {
    descriptions.push({ name, type: 'histogram', help, labels, buckets })
    return new prom.Histogram({ ...common(name, help, labels), buckets: [...buckets] })
  }

  return { counter, gauge, histogram, descriptions: descriptions as readonly MetricDescription[] }
}

/** Every combination of label values when all lists are closed, else none. */
function closedCombinations(labels: LabelSpec): Record<string, string>[] {
  let combinations: Record<string, string>[] = [{}]
  for (const [label, values] of Object.entries(labels)) {
    const list = Array.isArray(values) ? values.map(String) : []
    combinations = combinations.flatMap((c) => list.map((value) => ({ ...c, [label]: value })))
  }
  return combinations
}
