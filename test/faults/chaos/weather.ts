import type { Fault, FaultProxy } from '../../support/fault-proxy.ts'

/** Of 100 requests to the store, how many go wrong in one way or another. */
const percent = 4

/**
 * What a bad day does to requests of an object store: refused, reset, their answer cut, or done and not answered.
 *
 * @param random uniform in [0, 1)
 */
export function badWeather(random: () => number): FaultProxy['faults'] {
  return ({ method }) => {
    if (random() * 100 >= percent) return undefined
    const kinds: Fault[] = [
      { kind: 'answer', status: 503 },
      { kind: 'reset' },
      method === 'GET' ? { kind: 'cut', after: Math.floor(random() * 20_000) } : { kind: 'lose-reply' },
    ]
    return kinds[Math.floor(random() * kinds.length)]
  }
}
