/**
 * The closed set of error codes. A code is a promise to users: scripts match on it, metrics are labelled with it,
 * documentation explains it. Add here first; never rename.
 *
 * - `status`: the HTTP status when the error answers a request.
 * - `retryable`: whether the same call may succeed later without anyone changing anything. The worker asks for a retry
 *   of retryable failures and fails the others at once.
 * - `title`: one short sentence, the same for every occurrence; the message carries the particulars and what to do.
 */
export const errorCodes = {
  // The file itself: permanent, the file fails with this code.
  empty_file: { status: 422, retryable: false, title: 'The file has no bytes' },
  unreadable_input: { status: 422, retryable: false, title: 'The file cannot be read' },
  truncated_input: { status: 422, retryable: false, title: 'The file ends before its content does' },
  corrupt_input: { status: 422, retryable: false, title: 'The file cannot be decoded' },
  too_many_pixels: { status: 422, retryable: false, title: 'The image has more pixels than the limit' },
  file_too_large: { status: 413, retryable: false, title: 'The file is larger than the limit' },
  too_large_for_worker: {
    status: 422,
    retryable: false,
    title: 'The file needs more memory than a worker has',
  },
  max_bytes_unreachable: { status: 422, retryable: false, title: 'No permitted quality fits in maxBytes' },
  codec_timeout: { status: 422, retryable: true, title: 'Compression took longer than its deadline' },
  codec_crashed: { status: 422, retryable: true, title: 'The compression process died on this file' },
  codec_out_of_memory: { status: 422, retryable: true, title: 'The compression process ran out of memory' },
  verification_failed: { status: 500, retryable: true, title: 'The output does not decode to the input' },
  poison: { status: 422, retryable: false, title: 'The file ended its worker several times' },

  // Outputs of jobs.
  output_conflict: { status: 409, retryable: false, title: 'Two files of a job would have the same output' },

  // Files at addresses, and lists of them.
  url_not_allowed: { status: 422, retryable: false, title: 'The address may not be fetched' },
  url_not_found: { status: 422, retryable: false, title: 'There is nothing at the address' },
  url_refused: { status: 422, retryable: false, title: 'The server does not give the file' },
  url_unavailable: { status: 503, retryable: true, title: 'The address cannot be fetched for the moment' },
  url_throttled: { status: 503, retryable: true, title: 'The server asks for fewer requests' },
  bad_line: { status: 422, retryable: false, title: 'A line of the list cannot be used' },
  list_missing: { status: 404, retryable: false, title: 'The list of addresses does not exist' },
  bad_list: { status: 422, retryable: false, title: 'The list of addresses cannot be read' },

  // Uploads.
  size_mismatch: { status: 422, retryable: false, title: 'The upload has another size than declared' },
  checksum_mismatch: {
    status: 422,
    retryable: false,
    title: 'The upload has another checksum than declared',
  },
  upload_incomplete: { status: 400, retryable: true, title: 'The upload was cut off' },
  upload_expired: { status: 410, retryable: false, title: 'The file was not uploaded in time' },
  upload_not_found: { status: 404, retryable: false, title: 'There is no such upload, or it has ended' },
  invalid_part: {
    status: 409,
    retryable: false,
    title: 'A part of the upload is missing, too small or another one',
  },
  not_pending: { status: 409, retryable: false, title: 'The file does not wait for its bytes' },
  upload_missing: { status: 409, retryable: true, title: 'The file has not been uploaded' },
  url_expired: { status: 403, retryable: false, title: 'The signed URL has expired' },
  bad_signature: { status: 403, retryable: false, title: 'The signed URL is not valid' },

  // Requests.
  invalid_request: { status: 400, retryable: false, title: 'The request is not valid' },
  malformed_json: { status: 400, retryable: false, title: 'The body is not JSON' },
  invalid_name: { status: 400, retryable: false, title: 'The file name is not usable' },
  duplicate_name: { status: 400, retryable: false, title: 'Two files have the same name' },
  body_too_large: { status: 413, retryable: false, title: 'The request body is larger than the limit' },
  unsupported_media_type: { status: 415, retryable: false, title: 'The content type is not supported here' },
  not_found: { status: 404, retryable: false, title: 'There is nothing at this address' },
  origin_not_allowed: {
    status: 403,
    retryable: false,
    title: 'Pages of other sites may not use this service',
  },
  upgrade_required: { status: 426, retryable: false, title: 'This address takes WebSockets only' },
  method_not_allowed: { status: 405, retryable: false, title: 'The method is not supported here' },
  invalid_token: { status: 401, retryable: false, title: 'The token is missing or not valid here' },
  job_not_found: { status: 404, retryable: false, title: 'There is no such job' },
  profile_not_found: { status: 422, retryable: false, title: 'The job has no such profile' },
  ledger_missing: { status: 404, retryable: false, title: 'The job has no ledger' },
  ledger_only: {
    status: 409,
    retryable: false,
    title: 'Only the ledger of the job knows what failed',
  },
  page_out_of_order: { status: 409, retryable: false, title: 'The plan of the job is at another page' },
  batch_not_found: { status: 404, retryable: false, title: 'There is no such batch' },
  file_not_found: { status: 404, retryable: false, title: 'There is no such file' },
  no_output: { status: 404, retryable: false, title: 'The file has no output' },
  batch_sealed: { status: 409, retryable: false, title: 'The batch takes no more files' },
  not_failed: { status: 409, retryable: false, title: 'Only failed files can be retried' },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    title: 'The Idempotency-Key was used for another request',
  },
  idempotency_in_progress: {
    status: 409,
    retryable: true,
    title: 'The first request with this key is still running',
  },
  range_not_satisfiable: { status: 416, retryable: false, title: 'The range lies outside the file' },
  cancelled: { status: 409, retryable: false, title: 'The work was cancelled' },

  // The world around.
  object_not_found: { status: 404, retryable: false, title: 'The object does not exist' },
  object_exists: { status: 412, retryable: false, title: 'The object exists already' },
  input_missing: { status: 410, retryable: false, title: 'The uploaded bytes are gone' },
  unsupported_message: {
    status: 500,
    retryable: false,
    title: 'The record is of a kind or version this process does not know',
  },
  storage_full: { status: 507, retryable: true, title: 'The store has no space left' },
  storage_unavailable: { status: 503, retryable: true, title: 'The store cannot be reached' },
  storage_throttled: { status: 503, retryable: true, title: 'The store asks for fewer requests' },
  replica_unavailable: { status: 503, retryable: true, title: 'A replica of the outputs cannot be written' },
  storage_denied: {
    status: 502,
    retryable: false,
    title: 'The store refuses our credentials or this object',
  },
  bucket_not_found: {
    status: 502,
    retryable: false,
    title: 'There is no such bucket, or not in this region',
  },
  database_unavailable: { status: 503, retryable: true, title: 'The database cannot be reached' },
  cluster_denied: { status: 403, retryable: false, title: 'The cluster does not allow it' },
  cluster_unavailable: {
    status: 503,
    retryable: true,
    title: 'The cluster does not answer, or not as it should',
  },
  broker_unavailable: { status: 503, retryable: true, title: 'The broker cannot be reached' },
  data_dir_in_use: { status: 500, retryable: false, title: 'Another process uses the data directory' },
  invalid_configuration: { status: 500, retryable: false, title: 'The configuration is not valid' },
  shutting_down: { status: 503, retryable: true, title: 'The process is stopping' },
  internal: { status: 500, retryable: true, title: 'Something went wrong on our side' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>

export type ErrorCode = keyof typeof errorCodes

const blameless: ReadonlySet<ErrorCode> = new Set([
  'storage_throttled',
  'storage_full',
  'replica_unavailable',
])

/**
 * Whether a failure uses up one of the attempts. Those that say nothing of the file do not: a store that is full or
 * asks for fewer requests, a region that is away. They are tried again until they pass. Of `storage_unavailable` alone it
 * cannot be told: the worker asks the store.
 */
export function countsAttempt(code: ErrorCode): boolean {
  return !blameless.has(code)
}

/** Whether somebody asks for fewer requests: more workers would make it worse. */
export function isThrottled(code: ErrorCode): boolean {
  return code === 'storage_throttled' || code === 'url_throttled'
}
