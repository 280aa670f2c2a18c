import type { LocalOutput } from '../codec/index.ts'
import { KompressorError } from '../errors/index.ts'
import type { OutputRules } from '../messages/index.ts'
import type { ObjectAttributes, ObjectInfo, ObjectStore } from '../objects/index.ts'
import { identityKey, jobKey, type Marks, outputAttributes, sourceKey } from './attributes.ts'

export interface OutputToPlace {
  key: string
  file: LocalOutput
  /** Attributes of the source. */
  source: ObjectAttributes
  rules: OutputRules
  marks: Marks
  /** What the caller has found at the key. */
  found: ObjectInfo | undefined
  /** The store honours conditions on writes. */
  conditional: boolean
  signal?: AbortSignal
}

export type Placed =
  | { kind: 'written'; etag: string }
  /** The same work was done before: this is its output. */
  | { kind: 'same'; info: ObjectInfo }
  /** Something else has the key, and is to stay. */
  | { kind: 'left' }

/**
 * Writes the output of a job under its key, or finds that it need not or may not be written:
 *
 *     nothing there ──put if absent──▶ written
 *     there: same identity ──────────▶ same
 *            another file of the job ▶ output_conflict
 *            anything else ──────────▶ left (Skip) or written (Overwrite)
 *
 * Two files of a job can only meet where one appends an extension that the other has already; where the write cannot be
 * conditional, `refuseSibling` is what keeps them apart. Throws output_conflict and the store's errors.
 */
export async function placeOutput(objects: ObjectStore, output: OutputToPlace): Promise<Placed> {
  const { key, found, conditional } = output
  if (found !== undefined) return placeOver(objects, output, found)
  try {
    const { etag } = await objects.putFile(key, output.file.path, {
      ...putOptions(output),
      ifAbsent: true,
      lookFirst: !conditional,
    })
    return { kind: 'written', etag }
  } catch (error) {
    if (!(error instanceof KompressorError) || error.code !== 'object_exists') throw error
    const other = await objects.head(key)
    if (other !== undefined) return placeOver(objects, output, other)
    throw new KompressorError('storage_unavailable', `${key} was there and is gone again`, { cause: error })
  }
}

async function placeOver(objects: ObjectStore, output: OutputToPlace, found: ObjectInfo): Promise<Placed> {
  if (isSameWork(found, output.marks)) return { kind: 'same', info: found }
  refuseOther(found, output)
  if (output.rules.onExisting === 'Skip') return { kind: 'left' }
  const { etag } = await objects.putFile(output.key, output.file.path, putOptions(output))
  return { kind: 'written', etag }
}

/** Whether an object is the output of just this work: equal identities mean equal bytes. */
export function isSameWork(
  found: ObjectInfo,
  { identity, source }: Pick<Marks, 'identity' | 'source'>,
): boolean {
  const { metadata = {} } = found.attributes
  return metadata[identityKey] === identity && metadata[sourceKey] === source
}

/**
 * Refuses to append an extension to a name when the source has a file of the longer name, which then owns the key:
 * decided by the source alone, whoever writes first. Throws output_conflict.
 */
export async function refuseSibling(
  source: Pick<ObjectStore, 'head'>,
  key: string,
  name: string,
  output: string,
): Promise<void> {
  if (output === name || !output.startsWith(name)) return
  const sibling = `${key}${output.slice(name.length)}`
  if ((await source.head(sibling)) === undefined) return
  throw new KompressorError(
    'output_conflict',
    `the output of ${key} would have the name of ${sibling}, which is a file of the source; rename one of them`,
  )
}

function refuseOther({ attributes }: ObjectInfo, { key, marks }: OutputToPlace): void {
  const { metadata = {} } = attributes
  if (metadata[jobKey] !== marks.jobUid || metadata[sourceKey] === marks.source) return
  throw new KompressorError(
    'output_conflict',
    `${key} is the output of another file of this job; rename one of them, or use a keyTemplate that tells them apart`,
  )
}

function putOptions({ file, source, rules, marks, signal }: OutputToPlace) {
  return {
    size: file.bytes,
    attributes: outputAttributes(source, file, rules.preserve, marks),
    ...(signal && { signal }),
  }
}
