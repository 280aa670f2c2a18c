import { type ErrorCode, errorCodes } from '../../errors/index.ts'

/** What somebody can do about files that fail with a code. Codes that answer requests only are not in here. */
const advice: Partial<Record<ErrorCode, string>> = {
  empty_file: 'Check what produced the file, and upload it again.',
  unreadable_input: 'Try again; if it stays, the store has a problem with these files.',
  truncated_input: 'The upload or its source was cut off. Upload the whole file again.',
  corrupt_input: 'Open the file in a viewer; if it is broken there too, export it again.',
  too_many_pixels: 'Scale the image down before uploading, or raise --max-pixels.',
  file_too_large: 'Split the file, or raise --max-file-size.',
  too_large_for_worker: 'Give workers more memory, or scale the image down.',
  max_bytes_unreachable: 'Raise maxBytes, allow a smaller size with maxWidth, or another format.',
  codec_timeout: 'Retry; if it happens again, use the preset Fast or a smaller image.',
  codec_crashed: 'Retry; if the same file does it again, please report it with the file.',
  codec_out_of_memory: 'Give workers more memory, or use fewer slots.',
  verification_failed: 'Retry; this should not happen, please report it with the file.',
  poison: 'The file ended its worker several times; please report it with the file.',
  url_not_allowed:
    'Files come from the internet; --fetch-allow names networks of your own that may be reached too.',
  url_not_found: 'Correct the address in the list.',
  url_refused: 'Addresses must answer without a login; open one in a private window of a browser.',
  url_unavailable: 'Check the server, then make the job again: what is done is not compressed again.',
  url_throttled: 'Lower --fetch-per-host, or scaling.maxReplicas.',
  bad_line: 'Correct the line in the list; the message has its number.',
  size_mismatch: 'Announce the size the file really has, and upload it again.',
  checksum_mismatch: 'The bytes changed on the way, or the checksum is of another file. Upload it again.',
  upload_expired: 'Announce the file again and upload it before its URL expires.',
  input_missing: 'The uploaded bytes are gone from the store. Upload the file again.',
  storage_full: 'Free space in the store, then retry.',
  storage_unavailable: 'Check the store, then retry.',
}

/** One sentence on what to do. */
export function helpFor(code: ErrorCode): string {
  const fallback = errorCodes[code].retryable
    ? 'Retry; the log has the details.'
    : 'The message of the file says what is wrong with it.'
  return advice[code] ?? fallback
}
