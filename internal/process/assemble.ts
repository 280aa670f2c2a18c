import type { Logger } from '../telemetry/index.ts'

/** A process of ours that runs. */
export interface Assembled {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Takes no more work, gives what is in hand up to `graceMs`, closes everything. Repeatable. */
  stop(options?: { graceMs?: number }): Promise<void>
}

type StopPart = (graceMs: number) => Promise<void>

/** Notes how to stop a part that was just started, and what to call it when it does not. */
export type OnStop = (part: string, stop: StopPart) => void

/** What a part may take beyond its grace before somebody is told that it does not stop, milliseconds. */
const slowMs = 5_000

/**
 * Puts a process together: `build` starts its parts in the order of their needs and returns where it listens. They are
 * stopped in reverse; a build that fails stops what it started.
 */
export async function assemble(
  logger: Logger,
  build: (onStop: OnStop) => Promise<string>,
): Promise<Assembled> {
  const started: Part[] = []
  let stopping: Promise<void> | undefined
  const stop = ({ graceMs = 0 } = {}) => {
    stopping ??= stopAll(started.reverse(), graceMs, logger)
    return stopping
  }
  try {
    return { url: await build((part, stopPart) => started.push({ part, stop: stopPart })), stop }
  } catch (error) {
    await stop().catch((fault: unknown) => {
      logger.warn({ error: fault }, 'what had been started did not stop cleanly')
    })
    throw error
  }
}

interface Part {
  part: string
  stop: StopPart
}

/** Stops every part, whatever becomes of the others; rejects at the end if one did not stop cleanly. */
async function stopAll(parts: readonly Part[], graceMs: number, logger: Logger): Promise<void> {
  const errors: unknown[] = []
  for (const { part, stop } of parts) {
    const slow = setTimeout(() => logger.warn({ part }, `still stopping: ${part}`), graceMs + slowMs)
    await stop(graceMs).catch((error: unknown) => errors.push(error))
    clearTimeout(slow)
  }
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors)
}
