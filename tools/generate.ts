/**
 * Writes the files that are made from code. With --check it writes nothing, names those that have drifted and exits 1.
 * Usage: node tools/generate.ts [--check] [--root FOLDER]
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { drifted, write } from './generate/files.ts'
import { generators } from './generate/generators.ts'

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: path.join(import.meta.dirname, '..') },
  },
})

const stale = await drifted(values.root, generators)
if (values.check) {
  for (const { path: file } of stale) {
    process.stderr.write(`${file} is not what the code says: run \`npm run generate\` and commit it\n`)
  }
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  await write(values.root, stale)
}
const verb = values.check ? 'drifted' : 'written'
process.stdout.write(`generate: ${generators.length} files, ${stale.length} ${verb}\n`)
