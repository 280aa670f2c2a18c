import { S3ServiceException } from '@aws-sdk/client-s3'
import { type ErrorCode, KompressorError } from '../../errors/index.ts'
import { hasCode } from '../system-error.ts'

/** What S3 and its relatives call things. Whatever is not here is judged by its status. */
const codes: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: 'object_not_found',
  NotFound: 'object_not_found',
  NoSuchUpload: 'upload_not_found',
  InvalidPart: 'invalid_part',
  InvalidPartOrder: 'invalid_part',
  EntityTooSmall: 'invalid_part',
  EntityTooLarge: 'file_too_large',
  InvalidRange: 'range_not_satisfiable',
  PreconditionFailed: 'object_exists',
  KeyTooLongError: 'invalid_name',
  KeyTooLong: 'invalid_name',
  InvalidTag: 'invalid_request',
  InvalidStorageClass: 'invalid_request',
  InvalidURI: 'invalid_name',
  // Of stores whose keys are paths.
  XMinioInvalidObjectName: 'invalid_name',
  XMinioParentIsObject: 'invalid_name',
  ObjectParentIsFile: 'invalid_name',
  ExistingObjectIsDirectory: 'invalid_name',
  DirectoryObjectContainsData: 'invalid_name',
  NoSuchBucket: 'bucket_not_found',
  InvalidBucketName: 'bucket_not_found',
  PermanentRedirect: 'bucket_not_found',
  AccessDenied: 'storage_denied',
  AllAccessDisabled: 'storage_denied',
  AccountProblem: 'storage_denied',
  InvalidAccessKeyId: 'storage_denied',
  // versitygw says it with 404.
  XAdminUserNotFound: 'storage_denied',
  SignatureDoesNotMatch: 'storage_denied',
  InvalidObjectState: 'storage_denied',
  CredentialsProviderError: 'storage_denied',
  // The SDK fetches new ones.
  ExpiredToken: 'storage_unavailable',
  RequestTimeTooSkewed: 'storage_unavailable',
  // Damaged on the way.
  BadDigest: 'storage_unavailable',
  XAmzContentSHA256Mismatch: 'storage_unavailable',
  RequestTimeout: 'storage_unavailable',
  IncompleteBody: 'storage_unavailable',
  TimeoutError: 'storage_unavailable',
  QuotaExceeded: 'storage_full',
  XMinioStorageFull: 'storage_full',
  InsufficientStorage: 'storage_full',
}

const throttles: readonly string[] = [
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'ServiceUnavailable',
  'TooManyRequests',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'RequestThrottled',
  'RequestThrottledException',
  'BandwidthLimitExceeded',
]

/** Of sockets and name servers. */
const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
]

/** Whether the store asks for fewer requests. */
export function isThrottle(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const status = statusOf(error)
  return status === 503 || status === 429 || throttles.includes(error.name)
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
}

/** A failed call in our words. `what` says what was tried, such as `reading "a/b"`. */
export function toStoreError(error: unknown, what: string): KompressorError {
  if (error instanceof KompressorError) return error
  const code = codeOf(error)
  return new KompressorError(code, `${sentence(code)} while ${what}: ${describe(error)}`, { cause: error })
}

function codeOf(error: unknown): ErrorCode {
  if (!(error instanceof Error)) return 'internal'
  if (isThrottle(error)) return 'storage_throttled'
  const known = codes[error.name]
  if (known !== undefined) return known
  if (hasCode(error, ...networkCodes)) return 'storage_unavailable'
  const status = statusOf(error)
  if (status === undefined) return 'internal'
  if (status >= 500) return status === 507 ? 'storage_full' : 'storage_unavailable'
  if (status === 404) return 'object_not_found'
  if (status === 412) return 'object_exists'
  if (status === 416) return 'range_not_satisfiable'
  if (status === 401 || status === 403) return 'storage_denied'
  if (status >= 300 && status < 400) return 'bucket_not_found'
  return 'internal'
}

function sentence(code: ErrorCode): string {
  switch (code) {
    case 'storage_throttled':
      return 'The store asked for fewer requests'
    case 'storage_denied':
      return 'The store refused us'
    default:
      return 'The store answered'
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const status = statusOf(error)
  // The answer to a HEAD has no text.
  const message = error.message === '' || error.message === 'UnknownError' ? error.name : error.message
  return status === undefined ? message : `${message} (${error.name}, ${status})`
}
