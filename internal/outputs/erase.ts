import {
  type LedgerLine,
  ledgerPrefix,
  notesPrefix,
  partAttempt,
  readPart,
  summaryKeys,
} from '../ledger/index.ts'
import type { ObjectInfo, ObjectStore } from '../objects/index.ts'
import { identityKey, jobKey, sha256Key } from './attributes.ts'

/** A job whose outputs are to go. */
export interface ErasedJob {
  uid: string
  namespace: string
  name: string
  /** Put before every key of an output. */
  outputPrefix: string
}

/** A further place of the outputs. */
export interface ErasedReplica {
  prefix: string
  store: Pick<ObjectStore, 'head' | 'delete'>
}

export interface Erased {
  /** Objects deleted, in every place. */
  outputs: number
  /** Named by the ledger, and not what this job wrote there: they stay. */
  left: number
}

type OutputLine = LedgerLine & { output: NonNullable<Extract<LedgerLine, { output?: unknown }>['output']> }

/** Parts whose outputs are erased at the same time. */
const partsAtOnce = 8

/**
 * Erases what a job wrote, and nothing else: the outputs its ledger names, part by part, each part after its outputs, then
 * index, report and estimate. What is there is looked at first: an output goes when it says that this job made it, of the
 * identity the ledger has, and is still the object the ledger names. Cut off anywhere it goes on where it was when called
 * again. No worker of the job may run meanwhile.
 *
 * Throws corrupt_input when a part of the ledger is none, and the stores' errors.
 */
export async function eraseOutputs(
  output: Pick<ObjectStore, 'head' | 'delete' | 'list' | 'get'>,
  replicas: readonly ErasedReplica[],
  job: ErasedJob,
  signal: AbortSignal,
): Promise<Erased> {
  const erased: Erased = { outputs: 0, left: 0 }
  const erasePart = async (key: string) => {
    const lines = outputsOf((await readPart(output, key, signal)) ?? [], job)
    const isPrimary = (info: ObjectInfo, line: OutputLine) => isSameObject(info, line, job)
    const isReplica = (info: ObjectInfo, line: OutputLine) => isSameBytes(info, line, job)
    const counts = await Promise.all([
      eraseFrom(output, lines, (key) => key, isPrimary),
      ...replicas.map(({ store, prefix }) =>
        eraseFrom(store, lines, (key) => `${prefix}${key.slice(job.outputPrefix.length)}`, isReplica),
      ),
    ])
    for (const { outputs, left } of counts) {
      erased.outputs += outputs
      erased.left += left
    }
  }
  let startAfter: string | undefined
  do {
    const page = await output.list({
      prefix: ledgerPrefix(job),
      ...(startAfter !== undefined && { startAfter }),
    })
    const parts = page.items.map(({ key }) => key).filter((key) => partAttempt(key) !== undefined)
    for (let from = 0; from < parts.length; from += partsAtOnce) {
      signal.throwIfAborted()
      const some = parts.slice(from, from + partsAtOnce)
      await Promise.all(some.map(erasePart))
      await output.delete(some)
    }
    startAfter = page.next
  } while (startAfter !== undefined)
  await output.delete(summaryKeys(job))
  return erased
}

/** Whoever can write to the bucket can write a ledger: what it names elsewhere was not written by the job. */
function outputsOf(lines: readonly LedgerLine[], { outputPrefix }: ErasedJob): OutputLine[] {
  const named = lines.filter((line): line is OutputLine => 'output' in line && line.output !== undefined)
  return named.filter(({ output: { key } }) => key.startsWith(outputPrefix) && !key.startsWith(notesPrefix))
}

async function eraseFrom(
  store: Pick<ObjectStore, 'head' | 'delete'>,
  lines: readonly OutputLine[],
  place: (key: string) => string,
  isOwn: (info: ObjectInfo, line: OutputLine) => boolean,
): Promise<Erased> {
  const found = await Promise.all(
    lines.map(async (line) => {
      const key = place(line.output.key)
      const info = await store.head(key)
      return info === undefined ? [] : [{ key, own: isOwn(info, line) }]
    }),
  )
  const keys = new Set<string>()
  for (const { key, own } of found.flat()) if (own) keys.add(key)
  if (keys.size > 0) await store.delete([...keys])
  const left = found.flat().filter(({ key, own }) => !own && !keys.has(key)).length
  return { outputs: keys.size, left }
}

function isSameObject(info: ObjectInfo, line: OutputLine, job: ErasedJob): boolean {
  return isMarked(info, line, job) && info.etag === line.output.etag
}

/** Entity tags of two stores cannot be compared. */
function isSameBytes(info: ObjectInfo, line: OutputLine, job: ErasedJob): boolean {
  const { bytes, sha256 } = line.output
  return (
    isMarked(info, line, job) &&
    info.size === bytes &&
    (sha256 === undefined || info.attributes.metadata?.[sha256Key] === sha256)
  )
}

function isMarked({ attributes }: ObjectInfo, { identity }: OutputLine, { uid }: ErasedJob): boolean {
  const { metadata = {} } = attributes
  return identity !== undefined && metadata[jobKey] === uid && metadata[identityKey] === identity
}
