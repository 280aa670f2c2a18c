import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3'
import { KompressorError } from '../../errors/index.ts'
import type { ListOptions, ObjectInfo, OpenUpload } from '../port.ts'
import { plainEtag, storageClassOf } from './attributes.ts'
import type { Calls } from './calls.ts'
import { toStoreError } from './failure.ts'

interface Place {
  calls: Calls
  bucket: string
}

export async function listObjects(
  { calls, bucket }: Place,
  { prefix = '', startAfter, limit = 1000 }: ListOptions,
): Promise<{ items: ObjectInfo[]; next?: string }> {
  const answer = await calls.send(
    new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      MaxKeys: limit,
      // XML cannot carry every key.
      EncodingType: 'url',
      ...(startAfter !== undefined && startAfter !== '' && { StartAfter: startAfter }),
    }),
    { what: `listing ${JSON.stringify(prefix)} of the bucket ${bucket}` },
  )
  const items = itemsOf(answer)
  const last = items.at(-1)
  return answer.IsTruncated === true && last !== undefined ? { items, next: last.key } : { items }
}

function itemsOf({ Contents = [], EncodingType }: ListObjectsV2CommandOutput): ObjectInfo[] {
  return Contents.map((object) => ({
    key: decodeKey(object.Key ?? '', EncodingType),
    size: object.Size ?? 0,
    etag: plainEtag(object.ETag),
    lastModified: wholeSeconds(object.LastModified),
    attributes: storageClassOf(object),
  }))
}

/** Uploads under way, a page after the other. */
export async function* listUploads({ calls, bucket }: Place, prefix: string): AsyncGenerator<OpenUpload> {
  let position: { KeyMarker?: string; UploadIdMarker?: string } = {}
  for (;;) {
    const answer = await calls.send(
      new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, EncodingType: 'url', ...position }),
      { what: `listing uploads of ${JSON.stringify(prefix)}` },
    )
    const { Uploads = [], EncodingType, IsTruncated, NextKeyMarker, NextUploadIdMarker } = answer
    for (const { Key = '', UploadId = '', Initiated } of Uploads) {
      yield { key: decodeKey(Key, EncodingType), uploadId: UploadId, startedAt: wholeSeconds(Initiated) }
    }
    if (IsTruncated !== true || NextKeyMarker === undefined) return
    position = {
      KeyMarker: decodeKey(NextKeyMarker, EncodingType),
      ...(NextUploadIdMarker !== undefined && { UploadIdMarker: NextUploadIdMarker }),
    }
  }
}

const keysInOneCall = 1000
/** Single deletions at the same time. */
const atOnce = 16

export async function deleteObjects({ calls, bucket }: Place, keys: readonly string[]): Promise<void> {
  const distinct = [...new Set(keys)]
  const listable = distinct.filter(isXml)
  for (let from = 0; from < listable.length; from += keysInOneCall) {
    const Objects = listable.slice(from, from + keysInOneCall).map((Key) => ({ Key }))
    const { Errors = [] } = await calls.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      { what: `deleting ${Objects.length} objects` },
    )
    for (const { Key, Code, Message } of Errors) {
      if (Code === 'NoSuchKey') continue
      const fault = Object.assign(new Error(Message ?? Code), { name: Code ?? 'UnknownError' })
      throw toStoreError(fault, `deleting ${JSON.stringify(Key)}`)
    }
  }
  const single = distinct.filter((key) => !isXml(key)).values()
  const work = async () => {
    for (const key of single) await deleteOne({ calls, bucket }, key)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

async function deleteOne({ calls, bucket }: Place, key: string): Promise<void> {
  try {
    await calls.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), {
      what: `deleting ${JSON.stringify(key)}`,
    })
  } catch (error) {
    if (!(error instanceof KompressorError) || error.code !== 'object_not_found') throw error
  }
}

/** Whether XML 1.0 can name the key: it has no characters for controls. */
function isXml(key: string): boolean {
  return !/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(key)
}

/** Only where the store says that it encoded them. */
function decodeKey(key: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key
}

/** As the headers of an object tell the time. */
export function wholeSeconds(time: Date | undefined): Date {
  return new Date(Math.floor((time?.getTime() ?? 0) / 1000) * 1000)
}
