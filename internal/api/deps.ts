import type { JobTokens } from '../auth/index.ts'
import type { CompressionOptions } from '../codec/index.ts'
import type { Checks } from '../health/index.ts'
import type { FsObjectStore, ObjectStore } from '../objects/index.ts'
import type { Store } from '../store/index.ts'
import type { Logger, Metrics, Tracer } from '../telemetry/index.ts'

/** What the API is built from. */
export interface ApiDeps {
  store: Pick<Store, 'db' | 'listen'>
  objects: ObjectStore
  /** Recognises the URLs that `objects` signs and takes what they allow, when they point back here. Absent: they point to the store itself. */
  signedUrls?: Pick<FsObjectStore, 'verifyUrl' | 'receive'>
  /** Lets workers of jobs in. Absent: there are none that come by HTTP. */
  jobTokens?: JobTokens
  metrics: Metrics
  logger: Logger
  tracer: Tracer
  clock: () => Date
  /** New ids, each greater than the one before (UUID version 7): lists are in their order. */
  ids: () => string
  limits: ApiLimits
  /** How clients reach this service, without a slash at the end; a function, because a port may be chosen late. */
  publicUrl: () => string
  /** How long uploads, outputs and rows are kept, in milliseconds. */
  retainMs: number
  /** How long a file waits for its bytes, in milliseconds. */
  uploadExpiryMs: number
  /** How long an upload URL works, in milliseconds; never longer than its file waits. */
  uploadUrlMs: number
  /** Predicted worker-milliseconds of a file; fractions are rounded up. */
  predictCost: (file: UnknownFile, options: CompressionOptions) => number
  /** The built web interface. Default: where the build puts it. */
  uiFolder?: string
  checks: Checks
}

/** What is known of a file before anybody has looked into it. */
export interface UnknownFile {
  name: string
  /** Bytes. */
  size?: number
  /** Media type as declared. */
  type?: string
}

export interface ApiLimits {
  /** Bytes of one file. */
  maxFileBytes: number
}
