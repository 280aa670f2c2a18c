import { createHash } from 'node:crypto'
import type { LocalOutput } from '../codec/index.ts'
import type { OutputRules } from '../messages/index.ts'
import type { ObjectAttributes } from '../objects/index.ts'

/** Metadata on every output. */
export const identityKey = 'kompressor-identity'
export const sha256Key = 'sha256'
/** Which job wrote it, and from which source: tells two files of one job that want the same key from a second run. */
export const jobKey = 'kompressor-job'
export const sourceKey = 'kompressor-source'

export interface Marks {
  identity: string
  jobUid: string
  /** What `sourceMark` gives. */
  source: string
}

/** Names a source in metadata, whatever characters its key has. */
export function sourceMark(bucket: string, key: string): string {
  return createHash('sha256').update(`${bucket}/${key}`).digest('hex').slice(0, 32)
}

/** What an output carries: the source's attributes as far as they are to be kept, the type of its own bytes, our marks. */
export function outputAttributes(
  source: ObjectAttributes,
  output: Pick<LocalOutput, 'type' | 'contentEncoding' | 'sha256'>,
  preserve: OutputRules['preserve'],
  marks: Marks,
): ObjectAttributes {
  const keeps = (what: (typeof preserve)[number]) => preserve.includes(what)
  const { cacheControl, contentDisposition, tags, storageClass, metadata } = source
  return {
    contentType: output.type,
    ...(output.contentEncoding && { contentEncoding: output.contentEncoding }),
    ...(keeps('CacheControl') && cacheControl !== undefined && { cacheControl }),
    ...(keeps('ContentDisposition') && contentDisposition !== undefined && { contentDisposition }),
    ...(keeps('Tags') && tags !== undefined && { tags }),
    ...(keeps('StorageClass') && storageClass !== undefined && { storageClass }),
    metadata: {
      ...(keeps('UserMetadata') && metadata),
      [identityKey]: marks.identity,
      [sha256Key]: output.sha256,
      [jobKey]: marks.jobUid,
      [sourceKey]: marks.source,
    },
  }
}
