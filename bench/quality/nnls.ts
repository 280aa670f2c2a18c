export interface LeastSquaresRow {
  features: readonly number[]
  value: number
  weight: number
}

/**
 * Non-negative least squares with a pull towards `prior`: minimises
 * sum weight * (value - features . x)^2 + pull * sum of (x - prior)^2 / scale^2, x >= 0, by coordinate descent.
 * The scale of each coordinate is what makes its term contribute as much as the values do, so that the pull is equal.
 */
export function nonNegativeLeastSquares(
  rows: readonly LeastSquaresRow[],
  prior: readonly number[],
  pull: number,
): number[] {
  const n = prior.length
  const gram = Array.from({ length: n }, () => new Float64Array(n))
  const right = new Float64Array(n)
  for (const { features, value, weight } of rows) {
    for (let i = 0; i < n; i++) {
      const fi = (features[i] ?? 0) * weight
      right[i] = (right[i] ?? 0) + fi * value
      const line = gram[i]
      if (line !== undefined) for (let j = 0; j < n; j++) line[j] = (line[j] ?? 0) + fi * (features[j] ?? 0)
    }
  }
  const x = prior.map((value) => Math.max(0, value))
  for (let round = 0; round < 20_000; round++) {
    let moved = 0
    for (let i = 0; i < n; i++) {
      const line = gram[i] ?? new Float64Array(n)
      const own = line[i] ?? 0
      if (own === 0) continue
      let rest = 0
      for (let j = 0; j < n; j++) if (j !== i) rest += (line[j] ?? 0) * (x[j] ?? 0)
      const ridge = pull * own
      const next = Math.max(0, ((right[i] ?? 0) - rest + ridge * (prior[i] ?? 0)) / (own + ridge))
      moved = Math.max(moved, Math.abs(next - (x[i] ?? 0)) / (Math.abs(next) + 1e-9))
      x[i] = next
    }
    if (moved < 1e-9) break
  }
  return x
}
