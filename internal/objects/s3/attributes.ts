import type { ObjectAttributes } from '../port.ts'

/** The part of a request that carries attributes. */
export interface AttributeHeaders {
  ContentType?: string
  ContentEncoding?: string
  ContentDisposition?: string
  CacheControl?: string
  Metadata?: Record<string, string>
  Tagging?: string
  StorageClass?: S3StorageClass
}

/** The SDK knows names of AWS alone; other stores have others. */
type S3StorageClass = 'STANDARD' | 'STANDARD_IA'

/** The part of an answer that does. */
export interface AttributesAnswered {
  ContentType?: string | undefined
  ContentEncoding?: string | undefined
  ContentDisposition?: string | undefined
  CacheControl?: string | undefined
  Metadata?: Record<string, string> | undefined
  StorageClass?: string | undefined
}

/** What S3 says of an object whose writer gave no type. */
const noType = 'binary/octet-stream'
/** What S3 says, or leaves out, of an object whose writer gave no class. */
const noClass = 'STANDARD'

export function toHeaders(attributes: ObjectAttributes): AttributeHeaders {
  const { contentType, contentEncoding, contentDisposition, cacheControl, metadata, tags, storageClass } =
    attributes
  return {
    ContentType: contentType ?? noType,
    ...(contentEncoding !== undefined && { ContentEncoding: contentEncoding }),
    ...(contentDisposition !== undefined && { ContentDisposition: contentDisposition }),
    ...(cacheControl !== undefined && { CacheControl: cacheControl }),
    ...(metadata !== undefined && { Metadata: metadata }),
    ...(tags !== undefined && { Tagging: encodeTags(tags) }),
    ...(storageClass !== undefined && { StorageClass: storageClass as S3StorageClass }),
  }
}

export function fromAnswer(answer: AttributesAnswered, tags: Record<string, string>): ObjectAttributes {
  const { ContentType, ContentEncoding, ContentDisposition, CacheControl, Metadata } = answer
  return {
    ...(ContentType !== undefined && ContentType !== noType && { contentType: ContentType }),
    ...(ContentEncoding !== undefined && { contentEncoding: ContentEncoding }),
    ...(ContentDisposition !== undefined && { contentDisposition: ContentDisposition }),
    ...(CacheControl !== undefined && { cacheControl: CacheControl }),
    ...(Metadata !== undefined && Object.keys(Metadata).length > 0 && { metadata: Metadata }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...storageClassOf(answer),
  }
}

export function storageClassOf({ StorageClass }: Pick<AttributesAnswered, 'StorageClass'>): ObjectAttributes {
  return StorageClass === undefined || StorageClass === noClass ? {} : { storageClass: StorageClass }
}

/** As a query, which is how the header wants them. */
function encodeTags(tags: Record<string, string>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}

/** Quotes are HTTP's, not the tag's. */
export function plainEtag(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '')
}
