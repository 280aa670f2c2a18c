import { errorCodes } from '../../../internal/errors/codes.ts'
import { type ApiError, type ErrorCode, sentence } from '../api/index.ts'
import type { Row, RowResult } from './row.ts'

const kept: Readonly<Record<NonNullable<RowResult['reason']>, string>> = {
  already_compressed: 'Well compressed already: there was nothing to gain.',
  savings_below_minimum: 'Compressing would save next to nothing.',
  below_min_score: 'Nothing smaller would look good enough.',
  gain_map: 'It has HDR data that would be lost.',
  unsupported_image: 'This kind of picture cannot be read here.',
  class_not_selected: 'Files of this kind are left out by the settings.',
  archived_storage_class: 'It is archived: reading it would cost a restore.',
  junk: 'A file of the system, not of yours.',
}

/** Why a file was kept or skipped; undefined for one that was compressed. */
export function whyKept({ outcome, reason }: RowResult): string | undefined {
  if (outcome === 'compressed') return undefined
  return reason === undefined ? 'It stays as it was.' : kept[reason]
}

/** What somebody can do about it, where it is in their hands. */
const remedies: Partial<Record<ErrorCode, string>> = {
  truncated_input: 'Part of it is missing. Get the whole file and drop it again.',
  corrupt_input: 'Open it in a viewer: if it is broken there too, export it again.',
  too_many_pixels: 'Scale it down first, or let whoever runs the service raise the limit.',
  too_large_for_worker: 'It needs more memory than the service has. Scale it down first.',
  max_bytes_unreachable: 'Raise the file size, or allow a smaller width or another format.',
  codec_timeout: 'Try again, or use the effort “Fast”.',
  url_expired: 'Send it again: it gets a new one.',
  bad_signature:
    'Send it again: it gets a new URL. If that does not help, compare the clocks of service and store.',
  storage_full: 'Free some of it, then try again.',
  input_missing: 'What was uploaded is gone. Drop the file again.',
  upload_expired: 'It was not uploaded in time. Drop the file again.',
  size_mismatch: 'The file changed while it was uploaded. Drop it again.',
  checksum_mismatch: 'Something changed on the way. Drop the file again.',
}

/** What went wrong with a file, in two sentences at most. */
export function whyFailed({ code, message }: NonNullable<Row['error']>): string {
  return `${titleOf(code)} ${remedies[code] ?? sentence(message)}`
}

/** Why a file could not be sent. */
export function whyNotSent({ code, message }: ApiError): string {
  return code === 'unreachable' || code === 'invalid_token' ? message : whyFailed({ code, message })
}

/** A code in words. */
export function titleOf(code: ErrorCode): string {
  return sentence(errorCodes[code].title)
}
