import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { TraceResults, World } from '../../internal/autoscale/simulate/index.ts'
import type { Order } from './worker.ts'

/** Plays all traces, as many at a time as there are cores. Results are in the order of the names. */
export async function playAll(
  world: World,
  names: readonly string[],
  seeds: readonly number[],
  onBegin: (name: string) => void,
): Promise<TraceResults[]> {
  const results: TraceResults[] = []
  const left = names.map((trace, i) => ({ trace, i }))
  const work = async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url))
    try {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        onBegin(next.trace)
        const order: Order = { world, trace: next.trace, seeds }
        worker.postMessage(order)
        const [played] = await once(worker, 'message')
        results[next.i] = played
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), names.length) }, work))
  return results
}
