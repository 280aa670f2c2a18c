import { pause } from '../pause/index.ts'
import type { Logger } from '../telemetry/index.ts'

/** Something that runs until it is stopped, or crashes once. */
export interface Component {
  stop(options?: { graceMs?: number }): Promise<void>
}

export interface SuperviseOptions {
  name: string
  start: (onCrash: (error: Error) => void) => Promise<Component>
  logger: Logger
  /** Milliseconds before a crashed component is started again: doubling from the first to the last. */
  backoffMs?: { first: number; last: number }
}

/**
 * Keeps a component running: when it crashes it is stopped and started again, since in one process nobody else would.
 * What it had not finished comes to it again. The first start is the caller's to see fail.
 */
export async function supervise(options: SuperviseOptions): Promise<Component> {
  const { name, start, logger, backoffMs = { first: 500, last: 30_000 } } = options
  const stopping = new AbortController()
  const first = Promise.withResolvers<void>()
  /** Restarts queue up behind the first start: a component may crash before its start has returned. */
  let restarting = first.promise
  let component: Component | undefined
  let startedAt = performance.now()
  let delay = backoffMs.first

  function crashed(error: Error): void {
    if (stopping.signal.aborted) return
    logger.error({ error, component: name }, `${name} crashed; starting it again`)
    restarting = restarting.then(restart)
  }

  async function restart(): Promise<void> {
    const broken = component
    // What did not stop cleanly does not do so the second time either.
    component = undefined
    await broken?.stop({ graceMs: 0 }).catch((error: unknown) => {
      logger.warn({ error, component: name }, `${name} did not stop cleanly`)
    })
    if (performance.now() - startedAt > backoffMs.last) delay = backoffMs.first
    while (!stopping.signal.aborted) {
      await pause(delay, stopping.signal)
      delay = Math.min(delay * 2, backoffMs.last)
      if (stopping.signal.aborted) return
      try {
        component = await start(crashed)
        startedAt = performance.now()
        return
      } catch (error) {
        logger.error({ error, component: name }, `${name} could not be started; trying again`)
      }
    }
  }

  component = await start(crashed)
  first.resolve()
  return {
    async stop(stopOptions) {
      stopping.abort()
      await restarting
      await component?.stop(stopOptions)
    },
  }
}
