import type { ImageOptions } from '../options.ts'
import type { CompressRequest } from '../request.ts'
import { fitWithin, type Size } from './geometry.ts'
import type { ImageSource } from './source.ts'

/** One image and what is wanted of it. */
export interface ImageTask {
  request: CompressRequest
  source: ImageSource
  options: ImageOptions
  /** Of one frame of the output. */
  size: Size
  resized: boolean
  /** Score to reach; never below minScore. */
  target: number
  /** Outputs above this are of no use: `maxBytes`, and a resized image must still be smaller than its original. */
  maxBytes: number
}

const defaultTarget = 75

export function imageTask(request: CompressRequest, source: ImageSource, options: ImageOptions): ImageTask {
  const size = fitWithin(source, options.resize)
  const resized = size.width !== source.width || size.height !== source.height
  const cap = options.maxBytes ?? Number.POSITIVE_INFINITY
  return {
    request,
    source,
    options,
    size,
    resized,
    target: Math.max(options.targetQuality ?? defaultTarget, options.minScore),
    maxBytes: resized ? Math.min(cap, source.bytes - 1) : cap,
  }
}

/** Whether the original meets everything asked except to be smaller. */
export function originalQualifies({ source, options, resized }: ImageTask): boolean {
  return !resized && source.bytes <= (options.maxBytes ?? Number.POSITIVE_INFINITY)
}
