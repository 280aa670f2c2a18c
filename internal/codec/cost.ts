import { z } from 'zod'
import { dataLevels } from './data/levels.ts'
import type { CompressionOptions, DataOptions, ImageOptions } from './options.ts'

/**
 * Predictions of what compressing a file takes, before anything of it is decoded. They decide how work is spread and
 * scaled, how long a child may take and which files fit in memory together, so a factor of two is good enough.
 *
 * The constants are CPU times and peaks of resident memory of sharp 0.35 with one thread (2.8 and 12 MP photographs)
 * and of Node 24's zlib (log lines), on a 2-core x86-64 server at about 2.5 GHz. Only their proportions matter: other
 * machines differ by a common factor.
 */

export const fileFactsSchema = z.object({
  /** What the content is; guessed from `type` when it has not been looked at yet. */
  class: z.enum(['image', 'data', 'unsupported_image']).optional(),
  /** Media type. */
  type: z.string().optional(),
  bytes: z.number(),
  /** Pixels of one frame; guessed from the bytes when the header has not been read yet. */
  width: z.number().optional(),
  height: z.number().optional(),
  frames: z.number().optional(),
})

/** What is known of a file: after its header has been read, or from a manifest that gives only name, size and type. */
export type FileFacts = z.infer<typeof fileFactsSchema>

const MiB = 1024 ** 2

/** Resident bytes of a child that has loaded everything and is idle. */
export const childBaseBytes = 100 * MiB

/** Milliseconds for any file at all: opening, hashing, a message to the child and back. */
const baseMs = 3

/** Decoding: milliseconds a megapixel; bytes of memory a pixel; and bytes of file a pixel, to guess pixels from. */
const decoding = {
  'image/jpeg': { ms: 5, memory: 3, density: 0.35 },
  'image/png': { ms: 9, memory: 3, density: 1.8 },
  'image/webp': { ms: 19, memory: 8, density: 0.15 },
  'image/avif': { ms: 42, memory: 13, density: 0.1 },
  'image/gif': { ms: 20, memory: 4, density: 0.5 },
  'image/tiff': { ms: 5, memory: 2, density: 2.5 },
} as const

type ImageType = keyof typeof decoding

const imageTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif', 'image/tiff'] as const

/**
 * Encoding once: milliseconds a megapixel by preset, and bytes of memory a pixel. `search` is what finding the quality
 * adds, as a factor.
 */
const encoding = {
  JPEG: { ms: { Fast: 11, Balanced: 53, Small: 53 }, memory: 7, search: 1.2 },
  WebP: { ms: { Fast: 55, Balanced: 71, Small: 117 }, memory: 8, search: 1.3 },
  AVIF: { ms: { Fast: 60, Balanced: 60, Small: 300 }, memory: 36, search: 1.4 },
  PNG: { ms: { Fast: 150, Balanced: 200, Small: 400 }, memory: 8, search: 1 },
  GIF: { ms: { Fast: 400, Balanced: 400, Small: 400 }, memory: 8, search: 1 },
  TIFF: { ms: { Fast: 57, Balanced: 57, Small: 57 }, memory: 4, search: 1 },
} as const

type Encoder = keyof typeof encoding

const ownEncoder: Record<ImageType, Encoder> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/avif': 'AVIF',
  'image/gif': 'GIF',
  'image/tiff': 'TIFF',
}

/** AVIF under Small spends far more on images up to this size. */
const patientAvif = { megapixels: 1, ms: 2000 }

/** Encodes that bisecting for maxBytes takes at most. */
const maxBytesProbes = 6

/** CPU milliseconds a MiB by level, hashing and verifying included; between two levels they grow by a factor. */
const dataMs: Record<
  Exclude<DataOptions['codec'], 'Auto'>,
  readonly (readonly [level: number, ms: number])[]
> = {
  Zstd: [
    [1, 8],
    [3, 10],
    [6, 17],
    [9, 25],
    [12, 49],
    [15, 280],
    [17, 610],
    [19, 1140],
  ],
  Brotli: [
    [0, 9],
    [3, 16],
    [5, 26],
    [7, 54],
    [9, 98],
    [10, 960],
    [11, 1800],
  ],
  Gzip: [
    [1, 9],
    [6, 17],
    [9, 63],
  ],
}

/** Bytes a data stream takes: buffers of both directions, and the tables of the highest levels. */
const dataMemory = { usual: 110 * MiB, highest: 160 * MiB }

/** Milliseconds a MiB to read and hash a file that is kept as it is. */
const hashMs = 0.7

/**
 * Predicted worker-milliseconds: what one core spends on the file, whatever comes of it. At least a few, and finite.
 *
 * @param facts what is known of the file; the less, the rougher
 */
export function predictCost(facts: FileFacts, options: CompressionOptions): number {
  const image = knownImage(facts)
  const mebibytes = facts.bytes / MiB
  if (image && options.images) return baseMs + imageMs(image, megapixels(facts, image), options.images)
  if (isData(facts) && options.data) return baseMs + mebibytes * dataMsPerMiB(options.data)
  return baseMs + mebibytes * hashMs
}

/** Predicted peak of the child's resident bytes, `childBaseBytes` included. */
export function predictMemory(facts: FileFacts, options: CompressionOptions): number {
  const image = knownImage(facts)
  if (image && options.images) {
    const perPixel = decoding[image].memory + encoding[encoderFor(image, options.images)].memory
    return childBaseBytes + megapixels(facts, image) * 1e6 * perPixel
  }
  if (isData(facts) && options.data) {
    const { level } = codecAndLevel(options.data)
    return childBaseBytes + (level >= 10 ? dataMemory.highest : dataMemory.usual)
  }
  return childBaseBytes
}

function knownImage({ class: kind, type }: FileFacts): ImageType | undefined {
  if (kind !== undefined && kind !== 'image') return undefined
  return imageTypes.find((known) => known === type)
}

function isData({ class: kind, type }: FileFacts): boolean {
  if (kind !== undefined) return kind === 'data'
  return type === undefined || type === 'image/svg+xml' || !type.startsWith('image/')
}

function megapixels({ width, height, frames = 1, bytes }: FileFacts, image: ImageType): number {
  if (width === undefined || height === undefined) return bytes / decoding[image].density / 1e6
  return (width * height * frames) / 1e6
}

function imageMs(image: ImageType, pixels: number, options: ImageOptions): number {
  const { preset } = options
  const encoder = encoderFor(image, options)
  const patient = encoder === 'AVIF' && preset === 'Small' && pixels <= patientAvif.megapixels
  const once = patient ? patientAvif.ms : encoding[encoder].ms[preset]
  const fixed = preset === 'Fast' || options.quality !== undefined
  const encodes = options.maxBytes === undefined ? 1 : maxBytesProbes
  return pixels * (decoding[image].ms + once * (fixed ? 1 : encoding[encoder].search) * encodes)
}

/** Auto is predicted as the most expensive thing it may choose. */
function encoderFor(image: ImageType, { format }: ImageOptions): Encoder {
  if (format === 'Keep') return ownEncoder[image]
  return format === 'Auto' ? 'AVIF' : format
}

function codecAndLevel({ codec, level }: DataOptions) {
  const name = codec === 'Auto' ? 'Zstd' : codec
  return { name, level: level ?? dataLevels[name].default } as const
}

function dataMsPerMiB(options: DataOptions): number {
  const { name, level } = codecAndLevel(options)
  const points = dataMs[name]
  const above = points.find(([at]) => at >= level) ?? points[points.length - 1]
  const below = points.findLast(([at]) => at <= level) ?? points[0]
  if (!above || !below) return 0
  const [low, lowMs] = below
  const [high, highMs] = above
  return low === high ? lowMs : lowMs * (highMs / lowMs) ** ((level - low) / (high - low))
}
