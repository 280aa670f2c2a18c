/** What must work for a process to be ready, by name. A check rejects when it does not. */
export type Checks = Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>

export interface Readiness {
  ready: boolean
  /** `ok`, or what is wrong, by name. */
  checks: Record<string, string>
}

/** A probe waits about this long by default; a check that hangs must not hang it. */
const deadlineMs = 2000

export async function runChecks(checks: Checks): Promise<Readiness> {
  const results = await Promise.all(Object.entries(checks).map(run))
  return { ready: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) }
}

async function run([name, check]: [string, Checks[string]]): Promise<[string, string]> {
  const signal = AbortSignal.timeout(deadlineMs)
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${deadlineMs} ms`)), {
      once: true,
    })
  })
  try {
    await Promise.race([check(signal), late])
    return [name, 'ok']
  } catch (error) {
    return [name, error instanceof Error ? error.message : String(error)]
  }
}
