import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3'
import { KompressorError } from '../../errors/index.ts'
import { chooseParts } from '../parts.ts'
import type { CompleteUploadOptions, ObjectAttributes, UploadedPart } from '../port.ts'
import { plainEtag, toHeaders } from './attributes.ts'
import type { Calls } from './calls.ts'

interface Place {
  calls: Calls
  bucket: string
}

/** An upload whose parts come from elsewhere. */
export interface UploadPlace extends Place {
  key: string
  uploadId: string
}

export async function createUpload(
  { calls, bucket }: Place,
  key: string,
  attributes: ObjectAttributes,
): Promise<string> {
  const { UploadId } = await calls.send(
    new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ...toHeaders(attributes) }),
    { what: `beginning an upload of ${JSON.stringify(key)}` },
  )
  if (UploadId === undefined) throw new KompressorError('storage_unavailable', 'The store named no upload')
  return UploadId
}

export async function listParts({ calls, bucket, key, uploadId }: UploadPlace): Promise<UploadedPart[]> {
  const parts: UploadedPart[] = []
  let marker: string | undefined
  for (;;) {
    const {
      Parts = [],
      IsTruncated,
      NextPartNumberMarker,
    } = await calls.send(
      new ListPartsCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        ...(marker !== undefined && { PartNumberMarker: marker }),
      }),
      { what: `listing the parts of ${JSON.stringify(key)}` },
    )
    for (const { PartNumber = 0, Size = 0, ETag } of Parts) {
      parts.push({ partNumber: PartNumber, size: Size, etag: plainEtag(ETag) })
    }
    if (IsTruncated !== true || NextPartNumberMarker === undefined) return parts
    marker = NextPartNumberMarker
  }
}

export async function completeUpload(upload: UploadPlace, options: CompleteUploadOptions): Promise<void> {
  const { calls, bucket, key, uploadId } = upload
  const parts = chooseParts(await listParts(upload), options)
  await calls.send(
    new CompleteMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      MultipartUpload: {
        Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: `"${etag}"` })),
      },
    }),
    { what: `completing the upload of ${JSON.stringify(key)}` },
  )
}

/** One that has ended is not an error. */
export async function abortUpload({ calls, bucket, key, uploadId }: UploadPlace): Promise<void> {
  try {
    await calls.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }), {
      what: `giving up an upload of ${JSON.stringify(key)}`,
    })
  } catch (error) {
    if (!(error instanceof KompressorError) || error.code !== 'upload_not_found') throw error
  }
}
