import { getCompileCacheDir } from 'node:module'
import { extname } from 'node:path'
import type { Exit } from './death.ts'
import { defaultMemoryLimit } from './memory.ts'

export type StartReason = 'first' | 'recycled' | 'killed' | 'crashed'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface CompressorOptions {
  /** Files compressed at the same time; one child process and one core each. Give it the CPU limit. */
  slots: number
  /**
   * Bytes that this process and its children may use together. Default: the container's limit, or the machine's
   * memory. Lower it when other programs need their share.
   */
  memoryLimitBytes?: number
  /** Files after which a child is replaced, which bounds whatever leaks. Default 500. */
  maxFilesPerChild?: number
  /**
   * Resident bytes of a child at rest above which it is replaced. Default: a quarter of a slot's share of the memory
   * limit, at least 128 and at most 384 MiB.
   */
  maxRestingRssBytes?: number
  /** Milliseconds between two looks at the memory of children at work. Default 100. */
  watchdogIntervalMs?: number
  /**
   * Environment of the children, who see nothing of the parent's own. Set LD_PRELOAD here to give them another
   * allocator. Default: where this process keeps compiled code, if it does.
   */
  childEnv?: Record<string, string>
  /** The module each child runs. Default: the codecs of this package. */
  childEntry?: URL
  /** A child was started. */
  onChildStart?: (event: { slot: number; reason: StartReason }) => void
  /** A child has ended; retired ones too. */
  onChildExit?: (event: Exit & { slot: number }) => void
  /** A child has answered or died: how long it was at work on what it was asked, seconds. */
  onChildWork?: (seconds: number) => void
  log?: (level: LogLevel, message: string, fields: Record<string, unknown>) => void
}

export type ResolvedOptions = Required<CompressorOptions>

const MiB = 1024 ** 2

export function resolveOptions(options: CompressorOptions): ResolvedOptions {
  const { slots } = options
  if (!Number.isInteger(slots) || slots < 1) {
    throw new RangeError(`slots must be a whole number above 0, not ${slots}`)
  }
  const memoryLimitBytes = options.memoryLimitBytes ?? defaultMemoryLimit()
  return {
    memoryLimitBytes,
    maxFilesPerChild: 500,
    maxRestingRssBytes: Math.min(384 * MiB, Math.max(128 * MiB, memoryLimitBytes / slots / 4)),
    watchdogIntervalMs: 100,
    childEnv: compiledCode(),
    // The published package holds JavaScript, the repository TypeScript.
    childEntry: new URL(`./child-main${extname(import.meta.url)}`, import.meta.url),
    onChildStart: () => undefined,
    onChildExit: () => undefined,
    onChildWork: () => undefined,
    log: () => undefined,
    ...options,
  }
}

function compiledCode(): Record<string, string> {
  const folder = getCompileCacheDir()
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder }
}
