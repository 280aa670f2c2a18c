/**
 * Fails when an import goes against the direction of dependencies, reaches past a folder's index.ts, or brings a package
 * where it does not belong. The rules are in layers/table.ts. Usage: node tools/check-layers.ts [FOLDER]
 */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { checkFile } from './layers/check.ts'

const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..'))
const files = globSync('{internal,cmd,test,bench,tools}/**/*.ts', { cwd: root }).sort()
const violations = files.flatMap((file) =>
  checkFile(file.split(path.sep).join('/'), readFileSync(path.join(root, file), 'utf8')),
)

for (const { file, line, message } of violations) process.stderr.write(`${file}:${line} ${message}\n`)
process.stdout.write(`check-layers: ${files.length} files, ${violations.length} violations\n`)
process.exitCode = violations.length > 0 || files.length === 0 ? 1 : 0
