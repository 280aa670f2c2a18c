/** One line of a crash writer's ledger. The version null is the object's absence. */
export type LedgerLine =
  | { state: 'open' }
  | { state: 'started' | 'done'; key: string; version: number | null }

/** The bytes of a version, 200,000 of them in chunks: no two versions are alike. */
export function versionBytes(version: number): Buffer[] {
  const text = `${version} `
  return Array.from({ length: 20 }, () => Buffer.alloc(10_000, text))
}
