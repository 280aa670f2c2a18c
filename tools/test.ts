/**
 * Runs the tests: all of them, or those whose paths contain one of the given words.
 *
 *     npm test
 *     npm test -- internal/delivery
 *     npm test -- --corpus ~/pictures      the suites over real images use yours (or KOMPRESSOR_CORPUS)
 *
 * Other arguments go to vitest.
 */
import { spawn } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const args = process.argv.slice(2)
const at = args.indexOf('--corpus')
const corpus = at === -1 ? undefined : args.splice(at, 2)[1]
if (at !== -1 && corpus === undefined) {
  process.stderr.write('--corpus needs a folder\n')
  process.exit(2)
}

const entry = join(dirname(fileURLToPath(import.meta.resolve('vitest/package.json'))), 'vitest.mjs')
const vitest = spawn(process.execPath, [entry, 'run', ...args], {
  stdio: 'inherit',
  env: { ...process.env, ...(corpus !== undefined && { KOMPRESSOR_CORPUS: resolve(corpus) }) },
})
vitest.on('exit', (code) => process.exit(code ?? 1))
