/** Plays traces in a thread of its own, as they are asked for. */
import { parentPort } from 'node:worker_threads'
import { contenders, playTrace, type World } from '../../internal/autoscale/simulate/index.ts'

export interface Order {
  world: World
  trace: string
  seeds: readonly number[]
}

parentPort?.on('message', ({ world, trace, seeds }: Order) => {
  parentPort?.postMessage(playTrace(world, contenders(world), trace, seeds))
})
