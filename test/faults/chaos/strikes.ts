import { setTimeout as delay } from 'node:timers/promises'
import type { Service } from '../../support/service.ts'
import { sessionMs, type World } from './world.ts'

/** Something that goes wrong while files are in work, and is put right again. */
export type Strike = (world: World, random: () => number) => Promise<void>

/** How long what was taken away stays away, milliseconds. */
const awayMs = 3_000

export const strikes = {
  'a worker is killed': async (world, random) => {
    const victim = await untilOneIsBusy(world.workers, random)
    await victim.kill()
    world.workers.splice(world.workers.indexOf(victim), 1)
    await world.startWorker()
  },
  'a worker is frozen past its session': async (world, random) => {
    const victim = await untilOneIsBusy(world.workers, random)
    victim.pause()
    await delay(sessionMs + awayMs)
    victim.resume()
  },
  'an API is killed': async (world, random) => {
    const victim = pick(world.apis, random)
    await victim.running?.kill()
    await world.startApi(victim)
  },
  'Kafka is killed': async ({ kafka }) => {
    await kafka.kill()
    await delay(awayMs)
    await kafka.start()
  },
  'Postgres crashes': async ({ postgres }) => {
    // Immediate shutdown: nothing is written any more, the start recovers from the log.
    await postgres.kill('SIGQUIT')
    await delay(awayMs)
    await postgres.start()
  },
  'the object store is away': async ({ proxy }, random) => {
    const weather = proxy.faults
    proxy.faults = () => (random() < 0.5 ? { kind: 'answer', status: 503 } : { kind: 'reset' })
    await delay(awayMs)
    proxy.faults = weather
  },
} as const satisfies Record<string, Strike>

export type StrikeName = keyof typeof strikes

/** Every strike, then all of them again in another order, for ever. */
export function* strikesInTurn(random: () => number): Generator<StrikeName, never> {
  for (;;) {
    const left = Object.keys(strikes) as StrikeName[]
    while (left.length > 0) {
      const [next] = left.splice(Math.floor(random() * left.length), 1)
      if (next !== undefined) yield next
    }
  }
}

function pick<T>(from: readonly T[], random: () => number): T {
  const one = from[Math.floor(random() * from.length)]
  if (one === undefined) throw new Error('there is nothing to strike')
  return one
}

/** A worker, as soon as a child of it has a file in its hands: whose partitions are empty gets none for long. */
async function untilOneIsBusy(workers: readonly Service[], random: () => number): Promise<Service> {
  const first = Math.floor(random() * workers.length)
  const inTurn = [...workers.slice(first), ...workers.slice(0, first)]
  const deadline = performance.now() + 60_000
  for (;;) {
    const said: string[] = []
    for (const worker of inTurn) {
      const metrics = await (await fetch(`${worker.url}/metrics`)).text()
      if (metrics.includes('kompressor_pool_slots{state="busy"} 1')) return worker
      said.push(`${worker.url} says:\n${metrics}`)
    }
    if (performance.now() > deadline) throw new Error(`no worker got work\n${said.join('\n')}`)
  }
}
