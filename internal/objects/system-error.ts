/** Whether an error is the system's with one of these codes, such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** The promise's value, or undefined when it fails with one of these codes. */
export async function unlessCode<T>(
  promise: Promise<T>,
  ...codes: readonly string[]
): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (hasCode(error, ...codes)) return undefined
    throw error
  }
}

/** Waits for all, then throws the first failure: nothing is still running when the caller cleans up. */
export async function allDone(promises: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(promises)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
