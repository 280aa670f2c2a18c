/** How long the news that a file was started may wait for its outcome to go along, milliseconds. */
const patienceMs = 500

export interface StartNotice {
  /** The work began: the notice goes out soon, or with `flush`. */
  begin(): void
  /** Sends the notice if it has not been sent; resolves when it is durable. */
  flush(): Promise<void>
  /** Nobody needs to know any more. */
  drop(): void
}

/**
 * Holds back the report that a file was started, since most files end sooner than anybody could read it, and start and
 * outcome together cost half of what they cost apart.
 *
 * @param send sends the report, given the time of the start
 * @param onError told when a notice that was sent by itself was lost; the outcome will say all it would have said
 */
export function holdStartNotice(
  send: (at: Date) => Promise<void>,
  { clock, onError }: { clock: () => Date; onError: (error: unknown) => void },
): StartNotice {
  let startedAt: Date | undefined
  let timer: NodeJS.Timeout | undefined
  const drop = () => {
    clearTimeout(timer)
    startedAt = undefined
  }
  const flush = async () => {
    const at = startedAt
    drop()
    if (at !== undefined) await send(at)
  }
  return {
    begin() {
      startedAt = clock()
      timer = setTimeout(() => void flush().catch(onError), patienceMs)
    },
    flush,
    drop,
  }
}
