import path from 'node:path'
import { formatBytes, formatSaved, printable } from '../terminal/format.ts'
import type { Style } from '../terminal/output.ts'
import { reasonText } from '../terminal/reasons.ts'
import type { FileReport } from './report.ts'

/** What became of the one file a run was for: a table of one row says less. */
export function renderSingle(report: FileReport, cwd: string, style: Style): string[] {
  const name = printable(report.path)
  if (report.outcome === 'failed') {
    return [style.red(`${name} failed: ${report.error.code}`), `  ${printable(report.error.message)}`]
  }
  const { bytesIn, bytesOut, outcome, reason } = report
  const output = report.output && printable(path.relative(cwd, report.output) || report.output)
  const where = output ? `→ ${output}` : 'nothing written'
  if (outcome === 'compressed') {
    const saved = style.bold(`${formatSaved(bytesIn, bytesOut)} saved`)
    return [`${name}  ${formatBytes(bytesIn)} → ${formatBytes(bytesOut)}, ${saved}`, `  ${where}`]
  }
  return [
    `${name}  ${formatBytes(bytesIn)}, ${outcome === 'skipped' ? 'skipped' : 'kept'}`,
    `  ${reasonText(reason)}`,
    `  ${where}`,
  ]
}
