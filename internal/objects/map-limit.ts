/**
 * Files open at once in one call. More would not be faster (Node has four threads for files by default) and could use
 * up the process's descriptors.
 */
const concurrency = 16

/** Maps in order, a few at a time. Stops starting more after a failure and throws it when all running have ended. */
export async function mapLimit<T, R>(items: readonly T[], fn: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const entries = items.entries()
  const failures: unknown[] = []
  const work = async () => {
    for (const [index, item] of entries) {
      try {
        results[index] = await fn(item)
      } catch (error) {
        failures.push(error)
      }
      if (failures.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work))
  if (failures.length > 0) throw failures[0]
  return results
}
