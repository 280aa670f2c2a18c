import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const root = path.resolve(import.meta.dirname, '../..')

/**
 * The environment of someone at a shell: without what npm tells its scripts, and with the machine's own Node in front
 * of ours, which may be an old one.
 */
export function shellEnvironment(): Record<string, string> {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return {
    PATH: folders.filter((folder) => !folder.includes('node_modules')).join(path.delimiter),
    HOME: os.homedir(),
    ...(process.env.npm_config_cache === undefined ? {} : { npm_config_cache: process.env.npm_config_cache }),
    npm_config_loglevel: 'error',
  }
}

/** A command line in a folder, as a user types it. Rejects with its output when it fails. */
export async function shell(cwd: string, command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(command, args, { cwd, env: shellEnvironment(), maxBuffer: 2 ** 26 })
  return stdout
}

interface Manifest {
  name: string
  version: string
  bin: Record<string, string>
  engines: Record<string, string>
  dependencies: Record<string, string>
  optionalDependencies: Record<string, string>
}

interface Lock {
  packages: Record<string, { dev?: boolean }>
}

/**
 * Writes a project that depends on the tarball and locks everything below it to what this repository has locked, so
 * that `npm ci` needs the registry for nothing the cache holds.
 */
export async function writeProject(folder: string, tarball: string): Promise<void> {
  const manifest: Manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
  const lock: Lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'))
  const { name, version, bin, engines, dependencies, optionalDependencies } = manifest
  const needed = Object.entries(lock.packages).filter(([place, entry]) => place !== '' && !entry.dev)
  const project = { name: 'fresh', version: '1.0.0', dependencies: { [name]: `file:${tarball}` } }
  const packages = {
    '': project,
    [`node_modules/${name}`]: {
      version,
      resolved: `file:${tarball}`,
      bin,
      engines,
      dependencies,
      optionalDependencies,
    },
    ...Object.fromEntries(needed),
  }
  const fresh = { name: project.name, version: project.version, lockfileVersion: 3, requires: true, packages }
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(project))
  await writeFile(path.join(folder, 'package-lock.json'), JSON.stringify(fresh))
}
