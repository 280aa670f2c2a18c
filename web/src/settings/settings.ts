import type { CompressionOptions } from '../api/index.ts'

type Images = NonNullable<CompressionOptions['images']>
type Data = NonNullable<CompressionOptions['data']>

/** What somebody has set on the page. Fields of another aim keep their values, so that switching back loses nothing. */
export interface Settings {
  preset: NonNullable<Images['preset']>
  format: NonNullable<Images['format']>
  /** How the quality of an image is chosen. */
  aim: 'Automatic' | 'Score' | 'Quality'
  /** The score to reach, 30 to 95. */
  score: number
  /** The codec's own number, 1 to 100. */
  quality: number
  /** Largest output in kB (1,000 bytes). */
  maxKilobytes?: number
  /** Pixels. */
  maxWidth?: number
  maxHeight?: number
  metadata: NonNullable<Images['metadata']>
  /** What becomes of files that are no images. */
  others: 'Skip' | Exclude<NonNullable<Data['codec']>, 'Auto'>
}

export const presets = ['Fast', 'Balanced', 'Small'] as const satisfies readonly Settings['preset'][]
export const formats = [
  'Keep',
  'Auto',
  'JPEG',
  'WebP',
  'AVIF',
  'PNG',
] as const satisfies readonly Settings['format'][]
export const aims = ['Automatic', 'Score', 'Quality'] as const satisfies readonly Settings['aim'][]
export const metadata = ['Keep', 'Copyright', 'Strip'] as const satisfies readonly Settings['metadata'][]
export const others = ['Zstd', 'Brotli', 'Gzip', 'Skip'] as const satisfies readonly Settings['others'][]

/** Numbers and what they may be. */
export const ranges = {
  score: [30, 95],
  quality: [1, 100],
  maxKilobytes: [1, 5_000_000],
  maxWidth: [1, 65_535],
  maxHeight: [1, 65_535],
} as const satisfies Partial<Record<keyof Settings, readonly [number, number]>>

export const defaultSettings: Settings = {
  preset: 'Balanced',
  format: 'Keep',
  aim: 'Automatic',
  score: 75,
  quality: 80,
  metadata: 'Copyright',
  others: 'Zstd',
}

/** The floor of the score that the API has when nothing is said. */
const defaultMinScore = 65

/** The settings as options of the API, without what it does anyway. */
export function toOptions(settings: Settings): CompressionOptions {
  const { preset, format, aim, score, quality, maxKilobytes, maxWidth, maxHeight, others } = settings
  const images: Images = {
    ...(preset !== 'Balanced' && { preset }),
    ...(format !== 'Keep' && { format }),
    ...(aim === 'Score' && { targetQuality: score, ...(score < defaultMinScore && { minScore: score }) }),
    ...(aim === 'Quality' && { quality }),
    ...(maxKilobytes !== undefined && { maxBytes: maxKilobytes * 1000 }),
    ...((maxWidth !== undefined || maxHeight !== undefined) && {
      resize: { ...(maxWidth !== undefined && { maxWidth }), ...(maxHeight !== undefined && { maxHeight }) },
    }),
    ...(settings.metadata !== 'Copyright' && { metadata: settings.metadata }),
  }
  if (others === 'Skip') return { images }
  return { images, data: others === 'Zstd' ? {} : { codec: others } }
}

/** What is wrong with a number somebody entered, in words; undefined when nothing is. */
export function faultOf(field: keyof typeof ranges, value: number): string | undefined {
  const [least, most] = ranges[field]
  if (!Number.isInteger(value)) return 'A whole number, please.'
  return value < least || value > most ? `From ${least} to ${most}.` : undefined
}

/** Settings as they were stored, with defaults for whatever is missing or not understood any more. */
export function parseSettings(stored: unknown): Settings {
  const given: Record<string, unknown> = typeof stored === 'object' && stored !== null ? { ...stored } : {}
  const choice = <T extends string>(value: unknown, of: readonly T[], otherwise: T): T =>
    of.find((option) => option === value) ?? otherwise
  const number = (field: keyof typeof ranges): number | undefined => {
    const value = given[field]
    return typeof value === 'number' && faultOf(field, value) === undefined ? value : undefined
  }
  const limits = Object.fromEntries(
    (['maxKilobytes', 'maxWidth', 'maxHeight'] as const).flatMap((field) => {
      const value = number(field)
      return value === undefined ? [] : [[field, value]]
    }),
  )
  return {
    preset: choice(given.preset, presets, defaultSettings.preset),
    format: choice(given.format, formats, defaultSettings.format),
    aim: choice(given.aim, aims, defaultSettings.aim),
    score: number('score') ?? defaultSettings.score,
    quality: number('quality') ?? defaultSettings.quality,
    metadata: choice(given.metadata, metadata, defaultSettings.metadata),
    others: choice(given.others, others, defaultSettings.others),
    ...limits,
  }
}
