/** Waits until a condition holds; fails when it does not within five seconds. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within five seconds: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
