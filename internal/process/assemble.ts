import type { Logger } from '../telemetry/index.ts'

/** A process of ours that runs. */
export interface Assembled {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Takes no more work, gives what is in hand up to `graceMs`, closes everything. Repeatable. */
  stop(options?: { graceMs?: number }): Promise<void>
}

/** Notes how to stop a part that was just started. */
export type OnStop = (stopPart: (graceMs: number) => Promise<void>) => void

/**
 * Puts a process together: `build` starts its parts in the order of their needs and returns where it listens. They are
 * stopped in reverse; a build that fails stops what it started.
 */
export async function assemble(
  logger: Logger,
  build: (onStop: OnStop) => Promise<string>,
): Promise<Assembled> {
  const started: ((graceMs: number) => Promise<void>)[] = []
  let stopping: Promise<void> | undefined
  const stop = ({ graceMs = 0 } = {}) => {
    stopping ??= stopAll(started.reverse(), graceMs)
    return stopping
  }
  try {
    return { url: await build((stopPart) => started.push(stopPart)), stop }
  } catch (error) {
    await stop().catch((fault: unknown) => {
      logger.warn({ error: fault }, 'what had been started did not stop cleanly')
    })
    throw error
  }
}

/** Stops every part, whatever becomes of the others; rejects at the end if one did not stop cleanly. */
async function stopAll(
  parts: readonly ((graceMs: number) => Promise<void>)[],
  graceMs: number,
): Promise<void> {
  const errors: unknown[] = []
  for (const stopPart of parts) await stopPart(graceMs).catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors)
}
