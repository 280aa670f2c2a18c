/** Does one after another, whatever becomes of those before. Rejects at the end with what failed. */
export async function inTurn(steps: Iterable<() => Promise<unknown>>): Promise<void> {
  const errors: unknown[] = []
  for (const step of steps) await step().catch((error: unknown) => errors.push(error))
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors)
}
