/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number
  between(least: number, most: number): number
  /** Exponential. */
  exponential(mean: number): number
  /** Log-normal with this mean; sigma is that of the logarithm. */
  lognormal(mean: number, sigma: number): number
  /** Geometric from 1 on: how many come at once. */
  geometric(mean: number): number
}

/** Mulberry32: 32 bits of state are plenty for an hour of arrivals, and two lines are easy to trust. */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1)
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
  // 1 - uniform is never 0, whose logarithm has no end.
  const exponential = (mean: number) => -Math.log(1 - uniform()) * mean
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return {
    uniform,
    between: (least, most) => least + uniform() * (most - least),
    exponential,
    lognormal: (mean, sigma) => mean * Math.exp(sigma * normal() - (sigma * sigma) / 2),
    geometric: (mean) => (mean <= 1 ? 1 : 1 + Math.floor(exponential(1) / -Math.log(1 - 1 / mean))),
  }
}
