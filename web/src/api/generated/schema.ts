// Generated from docs/openapi.json by `npm run generate`.

export interface paths {
  "/v1/files": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Compress a file */
    post: {
      parameters: { query?: { "batch"?: string; "name"?: string; "sha256"?: string; "tag"?: (string)[]; "format"?: "Keep" | "Auto" | "JPEG" | "WebP" | "AVIF" | "PNG"; "preset"?: "Fast" | "Balanced" | "Small"; "quality"?: number; "targetQuality"?: number; "minScore"?: number; "maxBytes"?: number; "maxWidth"?: number; "maxHeight"?: number; "metadata"?: "Keep" | "Copyright" | "Strip"; "codec"?: "Auto" | "Zstd" | "Brotli" | "Gzip"; "level"?: number; "as"?: "Extension" | "ContentEncoding"; "minSavingsPercent"?: number }; header?: { "idempotency-key"?: string; "prefer"?: string }; path?: never; cookie?: never }
      requestBody?: { content: { "application/octet-stream": Blob; "multipart/form-data": { /** CompressionOptions as JSON. */ "options"?: string; "file"?: Blob } } }
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["File"] | components["schemas"]["Submission"] } }; 202: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["File"] | components["schemas"]["Submission"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/files/{id}": {
    parameters: Record<never, never>
    /** Get a file */
    get: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["File"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    /** Erase a file with its upload and outputs */
    delete: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 204: { headers: { [name: string]: unknown }; content?: never }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    patch?: never
  }
  "/v1/files/{id}/retry": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Try a failed file again */
    post: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 202: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["File"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/files/{id}/cancel": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Stop a file that has not ended; repeatable */
    post: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 202: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["File"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/files/{id}/content": {
    parameters: Record<never, never>
    /** Download what became of a file */
    get: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "*/*": Blob } }; 206: { headers: { [name: string]: unknown }; content: { "*/*": Blob } }; 304: { headers: { [name: string]: unknown }; content?: never }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/files/{id}/original": {
    parameters: Record<never, never>
    /** Download a file as it was uploaded */
    get: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "*/*": Blob } }; 206: { headers: { [name: string]: unknown }; content: { "*/*": Blob } }; 304: { headers: { [name: string]: unknown }; content?: never }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/batches": {
    parameters: Record<never, never>
    /** List batches, newest first */
    get: {
      parameters: { query?: { "limit"?: number; "cursor"?: string; "state"?: "open" | "running" | "completed" | "cancelled"; "search"?: string; "tag"?: (string)[] }; header?: never; path?: never; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "items": (components["schemas"]["Batch"])[]; /** Absent on the last page. */ "nextCursor"?: string } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    /** Announce files and get their upload URLs */
    post: {
      parameters: { query?: never; header?: { "idempotency-key"?: string }; path?: never; cookie?: never }
      requestBody: { content: { "application/json": components["schemas"]["NewBatch"] } }
      responses: { 201: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["CreatedBatch"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/batches/{id}": {
    parameters: Record<never, never>
    /** Get a batch */
    get: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["Batch"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    /** Erase a batch with its files, uploads and outputs */
    delete: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 204: { headers: { [name: string]: unknown }; content?: never }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    patch?: never
  }
  "/v1/batches/{id}/files": {
    parameters: Record<never, never>
    /** List the files of a batch, in the order they were announced */
    get: {
      parameters: { query?: { "limit"?: number; "cursor"?: string; "state"?: "pending" | "queued" | "processing" | "completed" | "failed" | "cancelled"; "name"?: string; "tag"?: (string)[] }; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "items": (components["schemas"]["File"])[]; /** Absent on the last page. */ "nextCursor"?: string } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/batches/{id}/uploads": {
    parameters: Record<never, never>
    /** Get upload URLs of files that await their bytes */
    get: {
      parameters: { query?: { "cursor"?: string }; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "items": (components["schemas"]["Upload"])[]; /** Absent on the last page. */ "nextCursor"?: string } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/batches/{id}/complete": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Say that files are uploaded, or that nothing more will be added */
    post: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: { content: { "application/json": { /** Ids of files that are uploaded. Without it the batch is sealed: nothing more will be added. */ "files"?: (string)[] } } }
      responses: { 202: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["Batch"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/batches/{id}/retry": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Try failed files again */
    post: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: { content: { "application/json": { /** Only files that failed with these. */ "codes"?: ("empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal")[] } } }
      responses: { 202: { headers: { [name: string]: unknown }; content: { "application/json": { "retried": number } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/batches/{id}/cancel": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Stop what has not ended; repeatable */
    post: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 202: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["Batch"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/files/{id}/uploads": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Begin to upload a file in parts, or find the upload that was begun */
    post: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["MultipartUpload"] } }; 201: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["MultipartUpload"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/files/{id}/uploads/{uploadId}/parts": {
    parameters: Record<never, never>
    /** List the parts that have arrived */
    get: {
      parameters: { query?: never; header?: never; path: { "id": string; "uploadId": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "items": (components["schemas"]["UploadedPart"])[] } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    /** Get the URLs of parts */
    post: {
      parameters: { query?: never; header?: never; path: { "id": string; "uploadId": string }; cookie?: never }
      requestBody: { content: { "application/json": { "partNumbers": (number)[] } } }
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "items": (components["schemas"]["SignedPart"])[] } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/files/{id}/uploads/{uploadId}/complete": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Put the parts together; repeatable */
    post: {
      parameters: { query?: never; header?: never; path: { "id": string; "uploadId": string }; cookie?: never }
      requestBody?: { content: { "application/json": { /** Without it, all that have arrived. */ "parts"?: ({ "partNumber": number; /** As the part was answered with, quoted or not. */ "etag": string })[] } } }
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["CompletedUpload"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/files/{id}/uploads/{uploadId}": {
    parameters: Record<never, never>
    get?: never
    put?: never
    post?: never
    /** Forget an upload and its parts; repeatable */
    delete: {
      parameters: { query?: never; header?: never; path: { "id": string; "uploadId": string }; cookie?: never }
      requestBody?: never
      responses: { 204: { headers: { [name: string]: unknown }; content?: never }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    patch?: never
  }
  "/v1/batches/{id}/archive": {
    parameters: Record<never, never>
    /** Download what became of a batch as one zip */
    get: {
      parameters: { query?: never; header?: never; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/zip": Blob } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/batches/{id}/events": {
    parameters: Record<never, never>
    /** Follow a batch as server-sent events */
    get: {
      parameters: { query?: { "lastEventId"?: number | null }; header?: { "last-event-id"?: number | null }; path: { "id": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "text/event-stream": components["schemas"]["Event"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/failures": {
    parameters: Record<never, never>
    /** See what fails and why, the most frequent cause first */
    get: {
      parameters: { query?: { "groupBy"?: "code"; "batch"?: string }; header?: never; path?: never; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "items": (components["schemas"]["Failure"])[] } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/failures/{code}/files": {
    parameters: Record<never, never>
    /** List the files that failed for one cause, newest first, with every attempt */
    get: {
      parameters: { query?: { "limit"?: number; "cursor"?: string; "batch"?: string; "name"?: string }; header?: never; path: { "code": "empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal" }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "items": (components["schemas"]["File"])[]; /** Absent on the last page. */ "nextCursor"?: string } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/failures/retry": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Try failed files again: some, those of some causes, or all */
    post: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never }
      requestBody?: { content: { "application/json": { /** Only files that failed with these. */ "codes"?: ("empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal")[]; /** Only these files, by id. */ "files"?: (string)[] } } }
      responses: { 202: { headers: { [name: string]: unknown }; content: { "application/json": { "retried": number } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/v1/activity": {
    parameters: Record<never, never>
    /** See what happened lately: throughput, savings, errors, latency and what is open */
    get: {
      parameters: { query?: { "window"?: "15m" | "1h" | "6h" | "24h" | "7d" }; header?: never; path?: never; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["Activity"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/jobs": {
    parameters: Record<never, never>
    /** List CompressionJobs with their progress, by namespace and name */
    get: {
      parameters: { query?: { "limit"?: number; "cursor"?: string; "namespace"?: string; "search"?: string }; header?: never; path?: never; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "items": (components["schemas"]["Job"])[]; /** Absent on the last page. */ "nextCursor"?: string } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/jobs/{namespace}/{name}": {
    parameters: Record<never, never>
    /** Get a CompressionJob with the last decisions about its workers and what they were made of */
    get: {
      parameters: { query?: never; header?: never; path: { "namespace": string; "name": string }; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": components["schemas"]["JobDetail"] } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/v1/jobs/{namespace}/{name}/retry": {
    parameters: Record<never, never>
    get?: never
    put?: never
    /** Try the failed files of a job again */
    post: {
      parameters: { query?: never; header?: never; path: { "namespace": string; "name": string }; cookie?: never }
      requestBody?: { content: { "application/json": { /** Only files that failed with these. */ "codes"?: ("empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal")[] } } }
      responses: { 202: { headers: { [name: string]: unknown }; content: { "application/json": { "retried": number } } }; default: { headers: { [name: string]: unknown }; content: { "application/problem+json": components["schemas"]["Problem"] } } }
    }
    delete?: never
    patch?: never
  }
  "/healthz": {
    parameters: Record<never, never>
    /** Whether the process is alive */
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "text/plain": string } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/readyz": {
    parameters: Record<never, never>
    /** Whether the process can do its work */
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": { "ready": boolean; /** `ok`, or what is wrong. */ "checks": { [name: string]: string } } } }; 503: { headers: { [name: string]: unknown }; content: { "application/json": { "ready": boolean; /** `ok`, or what is wrong. */ "checks": { [name: string]: string } } } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  "/metrics": {
    parameters: Record<never, never>
    /** Metrics for Prometheus */
    get: {
      parameters: { query?: never; header?: never; path?: never; cookie?: never }
      requestBody?: never
      responses: { 200: { headers: { [name: string]: unknown }; content: { "text/plain": string } } }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
}

export interface components {
  schemas: {
    File: { "id": string; "batchId": string; "job": string; "name": string; "state": "pending" | "queued" | "processing" | "completed" | "failed" | "cancelled"; /** Bytes of the input; absent until they are known. */ "size"?: number; /** Media type: as declared, and from the bytes once they were looked at. */ "type"?: string; "tags": { [name: string]: string }; "attempts": number; "createdAt": string; "updatedAt": string; "input"?: { "width": number; "height": number; "frames": number; "hasAlpha": boolean }; "result"?: components["schemas"]["FileResult"]; "error"?: { "code": "empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal"; "message": string; /** Every attempt before. */ "history": ({ "code": "empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal"; "message": string; "attempt": number; "at": string; "worker": string })[] } }
    FileResult: { "outcome": "compressed" | "kept_original" | "skipped"; "reason"?: "already_compressed" | "savings_below_minimum" | "below_min_score" | "gain_map" | "unsupported_image" | "class_not_selected" | "archived_storage_class" | "junk"; "bytesIn": number; /** Equals bytesIn when the original is kept or skipped. */ "bytesOut": number; /** CPU milliseconds of the process that compressed it. */ "cpuMs": number; "outputs": ({ /** File name to download it as. */ "name": string; /** Media type, from the bytes. */ "type": string; "contentEncoding"?: "zstd" | "br" | "gzip"; "width"?: number; "height"?: number; "bytes": number; /** The codec's quality number; absent when lossless. */ "quality"?: number; /** Estimated SSIMULACRA2 score, 0-100; absent when not measured. */ "score"?: number; /** Lower-case hex. */ "sha256": string; "key": string; "etag": string; /** Where to download it. */ "url": string })[] }
    Submission: { "items": ({ "name": string; "file"?: components["schemas"]["File"]; "problem"?: components["schemas"]["Problem"] })[] }
    Problem: { /** Names the kind of problem: urn:kompressor:problem:{code}. */ "type": string; "title": string; "status": number; /** What is wrong with this request and what to do about it. */ "detail": string; "code": "empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal"; /** Whether the same request may succeed later. */ "retryable": boolean; "requestId": string; /** Every fault of the request, where there are several. */ "errors"?: ({ /** Where in the JSON body, as a JSON pointer in a URI fragment: #/files/3/name. */ "pointer"?: string; /** Which parameter of the query, header or form. */ "parameter"?: string; "detail": string })[] }
    CreatedBatch: { "id": string; "job": string; /** What you called it. */ "name"?: string; "state": "open" | "running" | "completed" | "cancelled"; /** Whether files can still be added. */ "sealed": boolean; "files": { "total": number; /** Announced, not uploaded. */ "pending": number; "queued": number; "processing": number; "completed": number; "failed": number; "cancelled": number }; /** Of completed files; a kept original counts as much out as in. */ "bytes": { "in": number; "out": number; "saved": number }; "tags": { [name: string]: string }; /** Position of the newest event, 0 for none: follow from here. */ "lastEvent": number; "createdAt": string; "completedAt"?: string; /** Where to send the first files. */ "uploads": { "items": (components["schemas"]["Upload"])[]; /** Absent on the last page. */ "nextCursor"?: string } }
    Upload: { "fileId": string; "name": string; "method": "PUT"; "url": string; /** To be sent as they are. */ "headers": { [name: string]: string }; "expiresAt": string; /** Of files above 64 MiB: upload them in parts (POST /v1/files/{id}/uploads), so that a cut upload goes on where it was. The URL works for the whole file all the same. */ "multipart"?: { /** Bytes of every part but the last, which has the rest. */ "partSize": number; /** How many parts there are. They are numbered from 1. */ "parts": number } }
    NewBatch: { /** What will be uploaded. More can be posted to the batch until it is sealed. */ "files"?: ({ /** A relative path; unique in its batch. */ "name": string; /** Bytes. The upload must have exactly as many. */ "size": number; /** Media type; the upload must be sent with it. */ "type"?: string; /** Of the contents, in hex. The upload must have it. */ "sha256"?: string; /** Up to 20 of your own, to filter by. */ "tags"?: { [name: string]: string } })[]; /** The job whose workers do it, such as `urgent` where the service has one, or `namespace/name` of a CompressionJob; without it `default`. */ "job"?: string; "options"?: components["schemas"]["CompressionOptions"]; /** In place of options: those the job has under this name. */ "profile"?: string; /** What you call it, to find it again. */ "name"?: string; /** Up to 20 of your own, to filter by. */ "tags"?: { [name: string]: string } }
    CompressionOptions: { "images"?: { /** Format of the output. Keep stays with the input; Auto picks the smallest that fits the content. */ "format"?: "Keep" | "Auto" | "JPEG" | "WebP" | "AVIF" | "PNG"; /** Fast uses fixed qualities; Balanced finds the quality each image needs; Small also spends more effort. */ "preset"?: "Fast" | "Balanced" | "Small"; /** The codec's own quality number, fixed. Excludes targetQuality. */ "quality"?: number; /** The score to reach on the SSIMULACRA2 scale, 0-100. 75 when neither this nor quality is given. */ "targetQuality"?: number; /** Floor of every output whose score is measured; below it the file is encoded higher or kept. */ "minScore"?: number; /** Largest permitted output in bytes. */ "maxBytes"?: number; /** Shrinks to fit, keeping the aspect ratio; never enlarges. */ "resize"?: { /** Pixels. */ "maxWidth"?: number; /** Pixels. */ "maxHeight"?: number }; /** Keep leaves all; Copyright keeps author and copyright; Strip removes both. Orientation and colour profile are honoured always. */ "metadata"?: "Keep" | "Copyright" | "Strip" }; "data"?: { /** Auto is Zstd. */ "codec"?: "Auto" | "Zstd" | "Brotli" | "Gzip"; /** Zstd 1-19, Brotli 0-11, Gzip 1-9. */ "level"?: number; /** Extension appends .zst, .br or .gz; ContentEncoding keeps the name and sets the header. */ "as"?: "Extension" | "ContentEncoding" }; /** Outputs that save less than this are discarded and the original is kept. */ "minSavingsPercent"?: number }
    Batch: { "id": string; "job": string; /** What you called it. */ "name"?: string; "state": "open" | "running" | "completed" | "cancelled"; /** Whether files can still be added. */ "sealed": boolean; "files": { "total": number; /** Announced, not uploaded. */ "pending": number; "queued": number; "processing": number; "completed": number; "failed": number; "cancelled": number }; /** Of completed files; a kept original counts as much out as in. */ "bytes": { "in": number; "out": number; "saved": number }; "tags": { [name: string]: string }; /** Position of the newest event, 0 for none: follow from here. */ "lastEvent": number; "createdAt": string; "completedAt"?: string }
    MultipartUpload: { /** Opaque. */ "uploadId": string; "fileId": string; /** Of the object in the store. */ "key": string; "size": number; /** Bytes of every part but the last, which has the rest. */ "partSize": number; /** How many parts there are. They are numbered from 1. */ "parts": number; /** Until when the file waits for its bytes. */ "expiresAt": string }
    UploadedPart: { "partNumber": number; "size": number; /** Without quotes. */ "etag": string }
    SignedPart: { "partNumber": number; "method": "PUT"; "url": string; /** To be sent as they are. */ "headers": { [name: string]: string }; "expiresAt": string }
    CompletedUpload: { "fileId": string; "size": number; "etag": string; /** Where the bytes can be read once the file is queued. */ "location": string }
    Event: { /** Counts the events of the batch from 1, without gaps. */ "seq": number; "type": "file.queued" | "file.started" | "file.completed" | "file.failed" | "file.retrying" | "file.cancelled" | "file.deleted" | "batch.progress" | "batch.completed" | "batch.cancelled"; "batchId": string; /** Absent for events of the batch itself. */ "fileId"?: string; "at": string; "state": "pending" | "queued" | "processing" | "completed" | "failed" | "cancelled" | "open" | "running"; "name"?: string; "attempt"?: number; /** Bytes of the input. */ "size"?: number; "result"?: components["schemas"]["FileResult"]; "error"?: { "code": "empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal"; "message": string }; /** How far a batch of a finite job is; said every few seconds. */ "progress"?: { "files": { "pending"?: number; "queued"?: number; "processing"?: number; "completed"?: number; "failed"?: number; "cancelled"?: number }; "bytes": { "in": number; "out": number } }; /** When a file that will be tried again is due. */ "retryAt"?: string }
    Failure: { "code": "empty_file" | "unreadable_input" | "truncated_input" | "corrupt_input" | "too_many_pixels" | "file_too_large" | "too_large_for_worker" | "max_bytes_unreachable" | "codec_timeout" | "codec_crashed" | "codec_out_of_memory" | "verification_failed" | "poison" | "output_conflict" | "url_not_allowed" | "url_not_found" | "url_refused" | "url_unavailable" | "url_throttled" | "bad_line" | "list_missing" | "bad_list" | "size_mismatch" | "checksum_mismatch" | "upload_incomplete" | "upload_expired" | "upload_not_found" | "invalid_part" | "not_pending" | "upload_missing" | "url_expired" | "bad_signature" | "invalid_request" | "malformed_json" | "invalid_name" | "duplicate_name" | "body_too_large" | "unsupported_media_type" | "not_found" | "origin_not_allowed" | "upgrade_required" | "method_not_allowed" | "invalid_token" | "job_not_found" | "profile_not_found" | "ledger_missing" | "ledger_only" | "page_out_of_order" | "batch_not_found" | "file_not_found" | "no_output" | "batch_sealed" | "not_failed" | "idempotency_key_reused" | "idempotency_in_progress" | "range_not_satisfiable" | "cancelled" | "object_not_found" | "object_exists" | "input_missing" | "unsupported_message" | "storage_full" | "storage_unavailable" | "storage_throttled" | "replica_unavailable" | "storage_denied" | "bucket_not_found" | "database_unavailable" | "cluster_denied" | "cluster_unavailable" | "broker_unavailable" | "data_dir_in_use" | "invalid_configuration" | "shutting_down" | "internal"; "title": string; /** What to do about it. */ "help": string; /** Whether trying again may help without anybody changing anything. */ "retryable": boolean; "count": number; /** The newest. */ "samples": ({ "fileId": string; "batchId": string; "name": string; "message": string })[] }
    Activity: { "window": "15m" | "1h" | "6h" | "24h" | "7d"; "bucketSeconds": number; /** When this was read: the last bucket is not over. */ "at": string; /** Files and chunks that wait or are worked on. Each is counted up to 200,000. */ "open": number; "total": { /** Files that came to a result: compressed, kept or skipped. */ "completed": number; "failed": number; /** Attempts that failed and are tried again. */ "retried": number; /** Of completed files. */ "bytes": { "in": number; "out": number; "saved": number }; /** From being queued to the end of the last attempt, within a fifth. Absent when nothing ended. */ "latencyMs"?: { "p50": number; "p95": number } }; /** Oldest first, without gaps. */ "buckets": ({ "at": string; /** The most there was at once. */ "open": number; /** Files that came to a result: compressed, kept or skipped. */ "completed": number; "failed": number; /** Attempts that failed and are tried again. */ "retried": number; /** Of completed files. */ "bytes": { "in": number; "out": number; "saved": number }; /** From being queued to the end of the last attempt, within a fifth. Absent when nothing ended. */ "latencyMs"?: { "p50": number; "p95": number } })[] }
    Job: { "uid": string; "namespace": string; "name": string; /** When the operator looked: all of this is as it was then. */ "observedAt": string; /** What it reads: `ingest`, `s3://bucket/prefix`, `csv` or `urls`. */ "source"?: string; "suspended"?: boolean; "createdAt"?: string; /** As in the status of the resource. */ "conditions": ({ "type": string; "status": "True" | "False" | "Unknown"; "reason": string; "message": string; "lastTransitionTime": string })[]; "files"?: { "found"?: number; "queued"?: number; "processing"?: number; "completed"?: number; "kept"?: number; "skipped"?: number; "failed"?: number }; /** Of the files that are done. */ "bytes"?: { "in"?: number; "out"?: number; "saved"?: number }; "savingsPercent"?: number; /** What waits. Absent while Kafka does not say. */ "lag"?: { "records"?: number; /** Predicted, of one slot. */ "workSeconds"?: number; /** Records not done, by partition. */ "partitions"?: (number)[] }; /** Worker pods. */ "replicas"?: { "desired"?: number; "ready"?: number; "busy"?: number; /** spec.scaling.minReplicas */ "least"?: number; /** spec.scaling.maxReplicas */ "most"?: number; /** spec.scaling.replicas */ "fixed"?: number }; "throughput"?: { "filesPerSecond"?: number; "bytesPerSecond"?: number }; "estimatedCompletionTime"?: string; "usage"?: { "coreSeconds"?: number }; /** What mode Estimate predicts. */ "estimate"?: { /** Files the estimate is about. */ "files"?: number; /** And their bytes. */ "bytes"?: number; /** Files that were looked at. */ "sampled"?: number; /** Most likely savings. */ "bytesSaved"?: number; /** Savings are at least this, with 95 % confidence. */ "low"?: number; /** And at most this. */ "high"?: number; /** CPU a run would take, hours of one core. */ "coreHours"?: number; /** How long it would take at maxReplicas. */ "duration"?: string; /** USD at list prices, once the originals are removed. */ "monthlySavings"?: number; /** USD a run costs once: requests, compute, fees. */ "costs"?: number; /** The types with most bytes. */ "byType"?: ({ /** Type by the names of files, or first folder. */ "name": string; /** Files there are. */ "files": number; /** And their bytes. */ "bytes": number; /** Files that were looked at. */ "sampled": number; /** Most likely savings. */ "bytesSaved": number; /** At least this, with 95 % confidence. */ "low": number; /** At most this. */ "high": number })[]; /** The first folders with most bytes. */ "byPrefix"?: ({ /** Type by the names of files, or first folder. */ "name": string; /** Files there are. */ "files": number; /** And their bytes. */ "bytes": number; /** Files that were looked at. */ "sampled": number; /** Most likely savings. */ "bytesSaved": number; /** At least this, with 95 % confidence. */ "low": number; /** At most this. */ "high": number })[]; /** Files of the sample that would save most. */ "best"?: ({ /** Key below the prefix. */ "path": string; /** Before. */ "bytesIn": number; /** After. */ "bytesOut": number; /** Estimated SSIMULACRA2 score, where it was measured. */ "score"?: number; /** Why the file would be kept or skipped. */ "reason"?: string })[]; /** And least. */ "worst"?: ({ /** Key below the prefix. */ "path": string; /** Before. */ "bytesIn": number; /** After. */ "bytesOut": number; /** Estimated SSIMULACRA2 score, where it was measured. */ "score"?: number; /** Why the file would be kept or skipped. */ "reason"?: string })[] }; "topFailures"?: ({ "code": string; "count": number; "example": string })[]; "startTime"?: string; "completionTime"?: string }
    JobDetail: { "uid": string; "namespace": string; "name": string; /** When the operator looked: all of this is as it was then. */ "observedAt": string; /** What it reads: `ingest`, `s3://bucket/prefix`, `csv` or `urls`. */ "source"?: string; "suspended"?: boolean; "createdAt"?: string; /** As in the status of the resource. */ "conditions": ({ "type": string; "status": "True" | "False" | "Unknown"; "reason": string; "message": string; "lastTransitionTime": string })[]; "files"?: { "found"?: number; "queued"?: number; "processing"?: number; "completed"?: number; "kept"?: number; "skipped"?: number; "failed"?: number }; /** Of the files that are done. */ "bytes"?: { "in"?: number; "out"?: number; "saved"?: number }; "savingsPercent"?: number; /** What waits. Absent while Kafka does not say. */ "lag"?: { "records"?: number; /** Predicted, of one slot. */ "workSeconds"?: number; /** Records not done, by partition. */ "partitions"?: (number)[] }; /** Worker pods. */ "replicas"?: { "desired"?: number; "ready"?: number; "busy"?: number; /** spec.scaling.minReplicas */ "least"?: number; /** spec.scaling.maxReplicas */ "most"?: number; /** spec.scaling.replicas */ "fixed"?: number }; "throughput"?: { "filesPerSecond"?: number; "bytesPerSecond"?: number }; "estimatedCompletionTime"?: string; "usage"?: { "coreSeconds"?: number }; /** What mode Estimate predicts. */ "estimate"?: { /** Files the estimate is about. */ "files"?: number; /** And their bytes. */ "bytes"?: number; /** Files that were looked at. */ "sampled"?: number; /** Most likely savings. */ "bytesSaved"?: number; /** Savings are at least this, with 95 % confidence. */ "low"?: number; /** And at most this. */ "high"?: number; /** CPU a run would take, hours of one core. */ "coreHours"?: number; /** How long it would take at maxReplicas. */ "duration"?: string; /** USD at list prices, once the originals are removed. */ "monthlySavings"?: number; /** USD a run costs once: requests, compute, fees. */ "costs"?: number; /** The types with most bytes. */ "byType"?: ({ /** Type by the names of files, or first folder. */ "name": string; /** Files there are. */ "files": number; /** And their bytes. */ "bytes": number; /** Files that were looked at. */ "sampled": number; /** Most likely savings. */ "bytesSaved": number; /** At least this, with 95 % confidence. */ "low": number; /** At most this. */ "high": number })[]; /** The first folders with most bytes. */ "byPrefix"?: ({ /** Type by the names of files, or first folder. */ "name": string; /** Files there are. */ "files": number; /** And their bytes. */ "bytes": number; /** Files that were looked at. */ "sampled": number; /** Most likely savings. */ "bytesSaved": number; /** At least this, with 95 % confidence. */ "low": number; /** At most this. */ "high": number })[]; /** Files of the sample that would save most. */ "best"?: ({ /** Key below the prefix. */ "path": string; /** Before. */ "bytesIn": number; /** After. */ "bytesOut": number; /** Estimated SSIMULACRA2 score, where it was measured. */ "score"?: number; /** Why the file would be kept or skipped. */ "reason"?: string })[]; /** And least. */ "worst"?: ({ /** Key below the prefix. */ "path": string; /** Before. */ "bytesIn": number; /** After. */ "bytesOut": number; /** Estimated SSIMULACRA2 score, where it was measured. */ "score"?: number; /** Why the file would be kept or skipped. */ "reason"?: string })[] }; "topFailures"?: ({ "code": string; "count": number; "example": string })[]; "startTime"?: string; "completionTime"?: string; /** The last 240 about the number of workers, newest first. One that comes to the same is in here every 30 s. */ "decisions": (components["schemas"]["JobDecision"])[] }
    JobDecision: { "at": string; /** Worker pods decided on. */ "replicas": number; /** Those that were ready. */ "ready": number; /** In one word, for programs. */ "reason": string; /** For people. */ "sentence": string; /** Every number the decision was made of. */ "terms": { [name: string]: number } }
  }
}
