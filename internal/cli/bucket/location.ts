import { KompressorError } from '../../errors/index.ts'

export interface BucketLocation {
  bucket: string
  /** Empty, or with a slash at its end. */
  prefix: string
}

export function isBucketUrl(given: string): boolean {
  return given.startsWith('s3://')
}

/** Reads `s3://bucket/prefix`; a prefix is a folder, with or without the slash. Throws invalid_configuration. */
export function parseBucketUrl(given: string): BucketLocation {
  const [, bucket, rest = ''] = /^s3:\/\/([^/]{3,})(?:\/(.*))?$/s.exec(given) ?? []
  if (bucket === undefined) {
    throw new KompressorError(
      'invalid_configuration',
      `${given} is not a place in a bucket: s3://bucket/prefix`,
    )
  }
  return { bucket, prefix: rest === '' || rest.endsWith('/') ? rest : `${rest}/` }
}
