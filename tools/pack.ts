import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { findSources } from './pack/sources.ts'
import { toJavaScript } from './pack/strip.ts'

/*
 * Makes dist/, what the published package runs: JavaScript for everything that the command line reaches, because Node
 * strips no types under node_modules. `npm pack` runs it. Tests and what only tests import are not reached.
 */

const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
const { name, version, type, dependencies } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
)

const { files, packages } = findSources(root, ['cmd/kompressor.ts'])
const missing = packages.filter((dependency) => !(dependency in dependencies))
if (missing.length > 0) throw new Error(`imported, but not among the dependencies: ${missing.join(', ')}`)

execFileSync(process.execPath, [path.join(root, 'tools/build-web.ts')], { stdio: 'inherit' })
rmSync(dist, { recursive: true, force: true })
for (const file of files) {
  const target = path.join(dist, file.replace(/\.ts$/, '.js'))
  mkdirSync(path.dirname(target), { recursive: true })
  writeFileSync(target, toJavaScript(readFileSync(path.join(root, file), 'utf8')))
}
for (const asset of globSync('internal/**/*.{sql,json,html,css,svg}', { cwd: root })) {
  cpSync(path.join(root, asset), path.join(dist, asset))
}
// The pages, where the same relative path finds them.
cpSync(path.join(root, 'web/dist'), path.join(dist, 'web/dist'), { recursive: true })
// For `../package.json`, which is then at the same place as in a clone.
writeFileSync(path.join(dist, 'package.json'), `${JSON.stringify({ name, version, type })}\n`)
