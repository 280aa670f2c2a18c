/**
 * Builds the pages in web/ into web/dist/, from where the service serves them. A build that is newer than its sources is
 * left alone: their digest is kept beside it. Usage: node tools/build-web.ts [--force]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import { digestOf } from './web/digest.ts'

const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } })
const root = path.resolve(import.meta.dirname, '..')
const stamp = path.join(root, 'web/dist/.sources')
const digest = digestOf(root)

if (values.force || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  process.stdout.write('building the web interface\n')
  await build({ configFile: path.join(root, 'web/vite.config.ts'), logLevel: 'warn' })
  writeFileSync(stamp, digest)
}
