/** Everything Kompressor writes to an output bucket besides outputs lies below this. No job reads it. */
export const notesPrefix = '.kompressor/'

/** Where a job's notes lie in its output bucket. Two jobs of one name that live one after another have two places. */
export function jobPrefix(job: { uid: string; namespace: string; name: string }): string {
  const name = job.namespace === '' ? job.name : `${job.namespace}.${job.name}`
  return `${notesPrefix}${name}.${job.uid.slice(0, 8)}/`
}

export function ledgerPrefix(job: { uid: string; namespace: string; name: string }): string {
  return `${jobPrefix(job)}ledger/`
}

/** The lines of one page of a list that cannot be used, among the parts. */
export function faultsKey(ledger: string, page: number): string {
  return `${ledger}list-${String(page).padStart(6, '0')}-1.ndjson.zst`
}

/** One part a chunk and attempt: written once, before the chunk is reported. */
export function partKey(ledger: string, { taskId, attempt }: { taskId: string; attempt: number }): string {
  return `${ledger}${taskId}-${attempt}.ndjson.zst`
}

/** The attempt a part is of; undefined for what is no part. */
export function partAttempt(key: string): number | undefined {
  const digits = /-(\d+)\.ndjson\.zst$/.exec(key)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export const indexName = 'index.ndjson.zst'
export const reportName = 'report.json'
export const estimateName = 'estimate.json'

/** Everything that may lie beside the ledger of a job. */
export function summaryKeys(job: { uid: string; namespace: string; name: string }): string[] {
  return [indexName, reportName, estimateName].map((name) => `${jobPrefix(job)}${name}`)
}

/** Where a listing of notes goes on that stopped at this key: behind the parts of the job it stopped in. */
export function afterParts(key: string): string {
  const [job = '', folder] = key.slice(notesPrefix.length).split('/')
  return folder === 'ledger' ? `${notesPrefix}${job}/ledger/\u{10ffff}` : key
}
