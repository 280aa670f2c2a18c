/** Arithmetic mean; NaN for nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Standard deviation of a sample (n - 1). */
export function standardDeviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

/** The value below which `share` (0-1) of the values lie, linear between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

export function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => value * value)))
}

/** Spearman's rank correlation of two lists of the same length; ties share their mean rank. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const ra = ranks(a)
  const rb = ranks(b)
  const ma = mean(ra)
  const mb = mean(rb)
  const covariance = mean(ra.map((rank, i) => (rank - ma) * ((rb[i] ?? 0) - mb)))
  return covariance / Math.sqrt(mean(ra.map((r) => (r - ma) ** 2)) * mean(rb.map((r) => (r - mb) ** 2)))
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((x, y) => x.value - y.value)
  const result = new Array<number>(values.length).fill(0)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && order[end]?.value === order[start]?.value) end++
    for (let i = start; i < end; i++) result[order[i]?.index ?? 0] = (start + end - 1) / 2
    start = end
  }
  return result
}

/**
 * Value at `x` of the monotone cubic (Fritsch-Carlson) through points sorted by x; beyond the ends, the end's value.
 * Unlike a line per piece it does not cut the corners of curves as bent as quality against score.
 */
export function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const last = xs.length - 1
  if (x <= (xs[0] ?? 0)) return ys[0] ?? Number.NaN
  if (x >= (xs[last] ?? 0)) return ys[last] ?? Number.NaN
  let i = 0
  while ((xs[i + 1] ?? 0) < x) i++
  const [x0, x1, y0, y1] = [xs[i] ?? 0, xs[i + 1] ?? 0, ys[i] ?? 0, ys[i + 1] ?? 0]
  const h = x1 - x0
  const slope = (k: number) => ((ys[k + 1] ?? 0) - (ys[k] ?? 0)) / ((xs[k + 1] ?? 0) - (xs[k] ?? 0))
  const tangent = (k: number) => {
    if (k === 0) return slope(0)
    if (k === last) return slope(last - 1)
    const [left, right] = [slope(k - 1), slope(k)]
    return left * right <= 0 ? 0 : (2 * left * right) / (left + right)
  }
  const t = (x - x0) / h
  return (
    y0 * (1 + 2 * t) * (1 - t) ** 2 +
    h * tangent(i) * t * (1 - t) ** 2 +
    y1 * t * t * (3 - 2 * t) +
    h * tangent(i + 1) * t * t * (t - 1)
  )
}
