import { type ChunkCounts, settledIn } from '../../messages/index.ts'

const firstMs = 250
/** Seldom enough that progress costs next to nothing, often enough that a counter seems to move. */
const intervalMs = 2_000

/**
 * Says now and then how far a chunk is, once it has begun and as long as something changes. A report that is lost is
 * made good by the next one, or by the outcome.
 */
export function reportProgress(
  counts: () => ChunkCounts,
  {
    onProgress,
    onError,
  }: { onProgress: (counts: ChunkCounts) => Promise<void>; onError: (error: unknown) => void },
): { begin(): void; stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined
  let said = -1
  let sending: Promise<void> = Promise.resolve()
  let stopped = false

  const say = () => {
    const now = counts()
    if (settledIn(now) > said) {
      said = settledIn(now)
      sending = onProgress(now).catch(onError)
    }
    timer = setTimeout(say, intervalMs)
  }

  return {
    begin() {
      // Most chunks take longer; the start of one that does not goes without saying.
      if (!stopped) timer = setTimeout(say, firstMs)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await sending
    },
  }
}
