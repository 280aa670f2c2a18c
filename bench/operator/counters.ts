/** What the operator's metrics say so far. */
export interface Counters {
  /** Reconciles that took no longer than `le` seconds, ascending. */
  buckets: { le: number; count: number }[]
  reconciles: number
  failures: number
  /** Requests to the API server that change something. */
  writes: number
}

const reading = new Set(['get', 'list', 'watch'])

export async function readCounters(url: string): Promise<Counters> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const samples = text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value = ''] = /^(\w+)\{?([^}]*)\}? ([\d.e+-]+)$/.exec(line) ?? []
    return name === '' ? [] : [{ name, labels, value: Number(value) }]
  })
  const label = (labels: string, key: string) => new RegExp(`\\b${key}="([^"]*)"`).exec(labels)?.[1] ?? ''
  const of = (name: string) => samples.filter((sample) => sample.name === name)
  const sum = (some: typeof samples) => some.reduce((total, { value }) => total + value, 0)
  const reconciles = of('kompressor_operator_reconciles_total')
  return {
    buckets: of('kompressor_operator_reconcile_seconds_bucket').map(({ labels, value }) => {
      const le = label(labels, 'le')
      return { le: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), count: value }
    }),
    reconciles: sum(reconciles),
    failures: sum(reconciles.filter(({ labels }) => label(labels, 'outcome') === 'error')),
    writes: sum(
      of('kompressor_kube_requests_total').filter(({ labels }) => !reading.has(label(labels, 'verb'))),
    ),
  }
}

/** The bound of the bucket a quantile is in, of what was counted since `before`. */
export function quantileOf(
  buckets: Counters['buckets'],
  quantile: number,
  before: Counters['buckets'] = [],
): number {
  const since = new Map(before.map(({ le, count }) => [le, count]))
  const counts = buckets.map(({ le, count }) => ({ le, count: count - (since.get(le) ?? 0) }))
  const total = counts.at(-1)?.count ?? 0
  return counts.find(({ count }) => count >= quantile * total)?.le ?? 0
}
