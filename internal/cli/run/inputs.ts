import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { KompressorError } from '../../errors/index.ts'
import type { Input } from './plan.ts'

/**
 * Looks up the paths of the command line. Links given by name are followed.
 *
 * @throws KompressorError invalid_configuration, naming every path that is not there or cannot be read
 */
export async function lookUpInputs(given: readonly string[]): Promise<Input[]> {
  const faults: string[] = []
  const inputs: Input[] = []
  for (const name of given) {
    try {
      const stats = await stat(name)
      if (!stats.isFile() && !stats.isDirectory()) faults.push(`${name} is neither a file nor a folder`)
      else inputs.push(await describeInput(name, stats))
    } catch (error) {
      faults.push(faultOf(name, error as NodeJS.ErrnoException))
    }
  }
  if (faults.length > 0) throw new KompressorError('invalid_configuration', faults.join('\n'))
  return inputs
}

async function describeInput(given: string, stats: Input['stats']): Promise<Input> {
  const resolved = path.resolve(given)
  const absolute = path.join(await realpath(path.dirname(resolved)), path.basename(resolved))
  return {
    given,
    real: await realpath(resolved),
    absolute,
    defaultOut: stats.isDirectory() ? await resolveFolder(`${absolute}-compressed`) : absolute,
    stats,
  }
}

function faultOf(name: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return `there is no file or folder ${name}`
  if (error.code === 'EACCES') return `${name} may not be read`
  if (error.code === 'ELOOP') return `${name} is a link that leads to itself`
  return `${name}: ${error.message}`
}

/**
 * The absolute path of an output folder that need not exist, with the links of what exists resolved.
 *
 * @throws KompressorError invalid_configuration: a file has this name
 */
export async function resolveFolder(given: string): Promise<string> {
  const resolved = path.resolve(given)
  try {
    const real = await realpath(resolved)
    if (!(await stat(real)).isDirectory()) {
      throw new KompressorError('invalid_configuration', `${given} is a file; outputs need a folder`)
    }
    return real
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') {
      throw new KompressorError('invalid_configuration', `${given} has a file where a folder should be`)
    }
    if (code !== 'ENOENT') throw error
    const parent = path.dirname(resolved)
    return parent === resolved ? resolved : path.join(await resolveFolder(parent), path.basename(resolved))
  }
}
