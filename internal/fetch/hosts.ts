import { setTimeout as delay } from 'node:timers/promises'
import { createLanes, type Lanes } from '../lanes/index.ts'

interface Host {
  lanes: Lanes
  /** How many are in a lane or wait for one. */
  users: number
  /** By the clock of `now`, milliseconds. */
  pausedUntil: number
}

/** Takes care that no server gets more requests at a time than it should, nor one that it asked to be spared. */
export interface Hosts {
  run<T>(host: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** Nobody asks this server anything for so long, milliseconds. */
  pause(host: string, ms: number): void
}

/** @param perHost requests to one server at a time */
export function createHosts(perHost: number, now: () => number = () => performance.now()): Hosts {
  const hosts = new Map<string, Host>()

  function hostOf(name: string): Host {
    const host = hosts.get(name) ?? { lanes: createLanes(perHost), users: 0, pausedUntil: 0 }
    hosts.set(name, host)
    return host
  }

  async function waitForPause(host: Host, signal: AbortSignal): Promise<void> {
    for (let left = host.pausedUntil - now(); left > 0; left = host.pausedUntil - now()) {
      await delay(left, undefined, { signal })
    }
  }

  return {
    async run(name, work, signal) {
      const host = hostOf(name)
      host.users += 1
      try {
        return await host.lanes.run(async () => {
          await waitForPause(host, signal)
          return await work()
        }, signal)
      } finally {
        host.users -= 1
        // A list may name a million servers.
        if (host.users === 0 && host.pausedUntil <= now()) hosts.delete(name)
      }
    },
    pause(name, ms) {
      const host = hostOf(name)
      host.pausedUntil = Math.max(host.pausedUntil, now() + ms)
    },
  }
}
