import { type FormatLabel, formatLabels } from '../telemetry/index.ts'

const encodings: Record<string, FormatLabel> = { br: 'brotli', zstd: 'zstd', gzip: 'gzip' }

/** The metric label of an output's content encoding or media type; `none` when there is no output. */
export function formatLabel(type: string | undefined): FormatLabel {
  if (type === undefined) return 'none'
  const name = type.replace(/^(image|application)\/(x-)?/, '')
  return encodings[name] ?? formatLabels.find((label) => label === name) ?? 'other'
}
