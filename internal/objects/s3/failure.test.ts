import { S3ServiceException } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { KompressorError } from '../../errors/index.ts'
import { isThrottle, toStoreError } from './failure.ts'

function answered(name: string, httpStatusCode: number): S3ServiceException {
  return new S3ServiceException({
    name,
    message: `about ${name}`,
    $fault: 'server',
    $metadata: { httpStatusCode },
  })
}

const socket = (code: string) => Object.assign(new Error('socket'), { code })

test.each([
  [answered('SlowDown', 503), 'storage_throttled'],
  [answered('ServiceUnavailable', 503), 'storage_throttled'],
  [answered('UnknownError', 503), 'storage_throttled'],
  [answered('UnknownError', 429), 'storage_throttled'],
  [answered('RequestLimitExceeded', 400), 'storage_throttled'],
  [answered('NoSuchKey', 404), 'object_not_found'],
  [answered('NotFound', 404), 'object_not_found'],
  [answered('NoSuchUpload', 404), 'upload_not_found'],
  [answered('NoSuchBucket', 404), 'bucket_not_found'],
  [answered('PermanentRedirect', 301), 'bucket_not_found'],
  [answered('PreconditionFailed', 412), 'object_exists'],
  [answered('InvalidRange', 416), 'range_not_satisfiable'],
  [answered('EntityTooSmall', 400), 'invalid_part'],
  [answered('EntityTooLarge', 400), 'file_too_large'],
  [answered('KeyTooLongError', 400), 'invalid_name'],
  [answered('AccessDenied', 403), 'storage_denied'],
  [answered('Forbidden', 403), 'storage_denied'],
  [answered('SignatureDoesNotMatch', 403), 'storage_denied'],
  [answered('ExpiredToken', 400), 'storage_unavailable'],
  [answered('BadDigest', 400), 'storage_unavailable'],
  [answered('InternalError', 500), 'storage_unavailable'],
  [answered('BadGateway', 502), 'storage_unavailable'],
  [answered('InsufficientStorage', 507), 'storage_full'],
  [answered('MalformedXML', 400), 'internal'],
  [socket('ECONNREFUSED'), 'storage_unavailable'],
  [socket('ECONNRESET'), 'storage_unavailable'],
  [socket('ENOTFOUND'), 'storage_unavailable'],
  [Object.assign(new Error('slow'), { name: 'TimeoutError' }), 'storage_unavailable'],
  [new TypeError('a mistake of ours'), 'internal'],
] as const)('%s is %s', (error, code) => {
  const known = toStoreError(error, 'reading "a"')
  expect(known).toMatchObject({ code, cause: error })
  expect(known.message).toContain('reading "a"')
  expect(isThrottle(error)).toBe(code === 'storage_throttled')
})

test('an error of ours stays what it is', () => {
  const error = new KompressorError('shutting_down', 'stopping')
  expect(toStoreError(error, 'reading')).toBe(error)
})
