import type { Inspection } from '../../codec/index.ts'
import { formatBytes, formatDuration, formatSaved, plural, printable } from '../terminal/format.ts'
import type { Style } from '../terminal/output.ts'
import { reasonText } from '../terminal/reasons.ts'
import { typeLabel } from '../terminal/types.ts'

/** What a file is and what would be done with it, in three lines. */
export function renderInspection(file: string, inspection: Inspection, style: Style): string[] {
  return [
    `${style.bold(printable(file))}  ${describe(inspection)}`,
    `  ${verdict(inspection, style)}`,
    ...inspection.outputs
      .filter(() => inspection.outcome === 'compressed')
      .map((output) => `  ${style.dim(details(output, inspection))}`),
  ]
}

function describe({ type, input, bytesIn }: Inspection): string {
  const label = typeLabel(type)
  return list([
    label === 'data' ? type : label,
    input && `${input.width} × ${input.height}`,
    input && input.frames > 1 && plural(input.frames, 'frame'),
    input?.hasAlpha && 'transparency',
    formatBytes(bytesIn),
  ])
}

function verdict({ outcome, reason, bytesIn, bytesOut, estimated }: Inspection, style: Style): string {
  if (outcome !== 'compressed')
    return `would be ${outcome === 'skipped' ? 'skipped' : 'kept'}: ${reasonText(reason)}`
  const about = estimated ? 'about ' : ''
  const saved = style.green(`${formatSaved(bytesIn, bytesOut)} saved`)
  return `would become ${about}${formatBytes(bytesOut)}, ${saved}`
}

function details(output: Inspection['outputs'][number], { cpuMs, input }: Inspection): string {
  const resized =
    output.width !== undefined && (output.width !== input?.width || output.height !== input.height)
  return list([
    printable(output.name),
    typeLabel(output.type) === 'data' ? output.contentEncoding : typeLabel(output.type),
    resized && `${output.width} × ${output.height}`,
    output.quality === undefined ? input && 'lossless' : `quality ${output.quality}`,
    output.score !== undefined && `score ${output.score.toFixed(1)}`,
    `${formatDuration(cpuMs)} of CPU`,
  ])
}

function list(parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => typeof part === 'string').join(', ')
}
