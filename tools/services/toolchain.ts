import { spawn } from 'node:child_process'
import { access, constants, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { cached, cacheRoot } from '../support/cache.ts'

/** A server cannot be had on this machine: a tool is missing, or a download or build failed. */
export class UnavailableError extends Error {
  override name = 'UnavailableError'
}

/** The tools on this machine that servers are fetched, built or run with, and that are missing. */
export async function missingTools(): Promise<string[]> {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const isThere = async (tool: string): Promise<boolean> => {
    const looks = folders.map((folder) => access(path.join(folder, tool), constants.X_OK))
    return (await Promise.allSettled(looks)).some(({ status }) => status === 'fulfilled')
  }
  const tools = ['npm', 'go', 'java', 'mvn']
  const there = await Promise.all(tools.map(isThere))
  return tools.filter((_, index) => !there[index])
}

/** Cached programs are made for one kind of machine. */
const platform = `${process.platform}-${process.arch}`

/** A file or folder of this version and this kind of machine in the cache, made by `make` when it is not there yet. */
export function installed(name: string, version: string, make: (target: string) => Promise<void>) {
  return cached(path.join(cacheRoot(process.env), `${name}-${version}-${platform}`), make)
}

/** A Go program, built from a module at a version. */
export function goProgram(name: string, module: string, version: string): Promise<string> {
  return installed(name, version, async (target) => {
    const bin = `${target}.bin`
    try {
      await mkdir(bin, { recursive: true })
      await run('go', ['install', `${module}@${version}`], { env: { GOBIN: bin, CGO_ENABLED: '0' } })
      await rename(path.join(bin, path.basename(module)), target)
    } finally {
      await rm(bin, { recursive: true, force: true })
    }
  })
}

/** Runs a tool to its end. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; uid?: number; gid?: number } = {},
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = spawn(command, args, {
    ...options,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  child.on('error', (cause) =>
    reject(new UnavailableError(`${command} cannot be run: ${cause.message}`, { cause })),
  )
  child.on('close', (code, signal) => {
    if (code === 0) resolve(output)
    else {
      const end = output.trim().slice(-2_000)
      reject(new UnavailableError(`${command} ${args.join(' ')} ended with ${code ?? signal}:\n${end}`))
    }
  })
  return promise
}
