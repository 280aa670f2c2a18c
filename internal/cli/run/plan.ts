import type { Stats } from 'node:fs'
import path from 'node:path'
import { KompressorError } from '../../errors/index.ts'
import { besideName } from './names.ts'

/** A PATH of the command line, looked up. */
export interface Input {
  /** As it was given. */
  given: string
  /** Absolute, with links resolved. */
  real: string
  /** Absolute, links above it resolved, its own name as given: the place users think of. */
  absolute: string
  /** Where a folder's outputs go unless told otherwise: `<absolute>-compressed`, links resolved. */
  defaultOut: string
  stats: Stats
}

/** Where outputs go. Outputs in a folder made for them are complete and resumable; those beside their input are not. */
export interface Target {
  /** Absolute. */
  folder: string
  beside: boolean
}

/** One PATH and where it goes. */
export interface Source {
  input: Input
  target: Target
  /** Path below the target's folder, without a slash at its end: of the file, or what stands before the paths of a folder's files. */
  prefix: string
}

export interface Plan {
  sources: readonly Source[]
  targets: readonly Target[]
  /** Folders no scan may enter. */
  excluded: ReadonlySet<string>
}

function refuse(message: string): KompressorError {
  return new KompressorError('invalid_configuration', message)
}

/**
 * Decides where everything goes.
 *
 * - Without `out`, a folder goes to `<folder>-compressed` beside it, and a file beside itself.
 * - With `out`, one folder's contents go into it; of several paths each keeps its own name in it.
 *
 * @param out absolute, with links resolved as far as it exists
 * @throws KompressorError invalid_configuration: two paths would share their outputs, or outputs would land among inputs
 */
export function planRun(inputs: readonly Input[], out: string | undefined): Plan {
  const plan = out === undefined ? planBeside(inputs) : planInto(inputs, out)
  for (const { input, target } of plan.sources) {
    if (target.beside) continue
    const folder = input.stats.isDirectory() ? input.real : path.dirname(input.real)
    if (target.folder === folder) {
      throw refuse(`${input.given}: the output folder is where the originals are; give another --out`)
    }
    if (input.stats.isDirectory() && isInside(input.real, target.folder)) {
      throw refuse(
        `${input.given} lies inside the output folder ${target.folder}, where outputs could meet originals; give another --out`,
      )
    }
  }
  return plan
}

function planBeside(inputs: readonly Input[]): Plan {
  const byFolder = new Map<string, Target>()
  const outputs = new Set(
    inputs.filter(({ stats }) => stats.isFile()).map(({ absolute }) => besideName(absolute)),
  )
  const sources: Source[] = []
  const seen = new Set<string>()
  for (const input of inputs) {
    if (seen.has(input.real)) continue
    seen.add(input.real)
    if (input.stats.isDirectory()) {
      if (path.dirname(input.absolute) === input.absolute) {
        throw refuse(`${input.given} has no place beside it; give --out`)
      }
      sources.push({ input, target: { folder: input.defaultOut, beside: false }, prefix: '' })
    } else if (!outputs.has(input.absolute)) {
      // `kompressor *.jpg` a second time: what the first time wrote is among the paths, and is no input.
      const folder = path.dirname(input.absolute)
      const target = byFolder.get(folder) ?? { folder, beside: true }
      byFolder.set(folder, target)
      sources.push({ input, target, prefix: path.basename(input.absolute) })
    }
  }
  return assemble(sources)
}

function planInto(inputs: readonly Input[], out: string): Plan {
  const target: Target = { folder: out, beside: false }
  const [only] = inputs
  if (inputs.length === 1 && only?.stats.isDirectory()) {
    return assemble([{ input: only, target, prefix: '' }])
  }
  const byName = new Map<string, Input>()
  for (const input of inputs) {
    const name = path.basename(input.absolute)
    const other = byName.get(name)
    if (other === undefined) byName.set(name, input)
    else if (other.real !== input.real) {
      throw refuse(
        `${other.given} and ${input.given} have the same name and would share their output; run them one by one with different --out`,
      )
    }
  }
  return assemble([...byName].map(([prefix, input]) => ({ input, target, prefix })))
}

function assemble(sources: readonly Source[]): Plan {
  const targets = [...new Set(sources.map(({ target }) => target))]
  const excluded = new Set(targets.filter(({ beside }) => !beside).map(({ folder }) => folder))
  return { sources, targets, excluded }
}

function isInside(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner)
  return (
    relative !== '' &&
    relative !== '..' &&
    !relative.startsWith(`..${path.sep}`) &&
    !path.isAbsolute(relative)
  )
}
