import { KompressorError } from '../errors/index.ts'
import type { ObjectAttributes } from './port.ts'

const printableAscii = /^[\x20-\x7e]*$/
const metadataName = /^[a-z0-9][a-z0-9._-]*$/

/**
 * Throws `invalid_request` for attributes that cannot travel as HTTP headers. Checked by every adapter, so that a value
 * which S3 would refuse, or a line break that would forge a header, is refused on a laptop too.
 */
export function checkAttributes(attributes: ObjectAttributes): void {
  const { contentType, contentEncoding, contentDisposition, cacheControl, storageClass } = attributes
  const headers = { contentType, contentEncoding, contentDisposition, cacheControl, storageClass }
  for (const [name, value] of Object.entries(headers)) checkHeader(name, value)
  for (const [name, value] of Object.entries(attributes.metadata ?? {})) {
    if (!metadataName.test(name)) {
      throw new KompressorError(
        'invalid_request',
        `The metadata name ${JSON.stringify(name)} may have a-z, 0-9, ".", "_" and "-" only`,
      )
    }
    checkHeader(`metadata ${name}`, value)
  }
}

function checkHeader(name: string, value: string | undefined): void {
  if (value === undefined || printableAscii.test(value)) return
  throw new KompressorError('invalid_request', `The ${name} of an object must be printable ASCII`)
}
