import { readFile } from 'node:fs/promises'
import { readReport } from '../../bench/support/report.ts'
import { reportTables } from '../../bench/support/table.ts'

const root = new URL('../../', import.meta.url)
const [begin, end] = ['<!-- bench/results.json -->\n', '<!-- end -->\n']

/** README.md with what was measured last between its marks. Throws when it has no marks or nothing was measured. */
export async function readmeWithFigures(): Promise<string> {
  const readme = await readFile(new URL('README.md', root), 'utf8')
  const report = await readReport(new URL('bench/results.json', root))
  const [before, rest] = readme.split(begin)
  const [, after] = rest?.split(end) ?? []
  if (before === undefined || after === undefined) throw new Error(`README.md has no ${begin}… ${end}`)
  if (report === undefined) throw new Error('bench/results.json is missing; run npm run bench')
  return `${before}${begin}\n${reportTables(report)}\n${end}${after}`
}
