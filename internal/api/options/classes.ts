import { type CompressionOptions, defaultOptions } from '../../codec/index.ts'

/** Options that name no class of content mean every class at its defaults, as no options do. */
export function withClasses(options: CompressionOptions): CompressionOptions {
  return options.images === undefined && options.data === undefined
    ? { ...defaultOptions, ...options }
    : options
}
