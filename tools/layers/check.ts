import path from 'node:path'
import { fetchCallsOf, type Import, importsOf } from './imports.ts'
import { faces, layers, networkModules, offline, packages } from './table.ts'

export interface Violation {
  file: string
  line: number
  /** What is wrong and which rule says so. */
  message: string
}

/** Where a file stands: `internal/<layer>` or one of the folders that put the layers together. */
interface Place {
  root: string
  layer: string | undefined
  test: boolean
}

/**
 * Checks one source against the table.
 *
 * @param file its path from the root of the repository, with forward slashes
 */
export function checkFile(file: string, source: string): Violation[] {
  const from = placeOf(file)
  const at = (line: number, message: string | undefined): Violation[] =>
    message === undefined ? [] : [{ file, line, message }]
  const unknown = from.layer !== undefined && layers[from.layer] === undefined
  return [
    ...at(1, unknown ? `internal/${from.layer} has no line in tools/layers/table.ts` : undefined),
    ...importsOf(source).flatMap((entry) => at(entry.line, checkImport(file, from, entry))),
    ...(isOffline(from) ? fetchCallsOf(source) : []).flatMap((line) =>
      at(line, `${from.layer} does no network I/O: no fetch`),
    ),
  ]
}

function checkImport(file: string, from: Place, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return checkPackage(from, specifier)
  const target = path.posix.join(path.posix.dirname(file), specifier)
  const to = placeOf(target)
  const production = !from.test && (from.layer !== undefined || from.root === 'cmd')
  if (production && to.test) return `${target} is for tests only`
  if (from.root === to.root && from.layer === to.layer) return undefined
  if (from.test || from.layer === undefined) {
    const open =
      to.layer === undefined || /(^|\/)(index|contract)\.ts$/.test(target) || faces.includes(target)
    return open ? undefined : `${target} is not the public face of its folder: import an index.ts`
  }
  if (to.layer === undefined) return `${from.layer} may not import ${to.root}/`
  if (!(layers[from.layer] ?? []).includes(to.layer)) return `${from.layer} may not import ${to.layer}`
  if (target !== `internal/${to.layer}/index.ts` && !faces.includes(target)) {
    return `${target} is not the public face of ${to.layer}: import internal/${to.layer}/index.ts`
  }
  return undefined
}

function checkPackage(from: Place, specifier: string): string | undefined {
  if (isOffline(from) && networkModules.includes(specifier)) {
    return `${from.layer} does no network I/O: no ${specifier}`
  }
  if (from.test || !['internal', 'cmd'].includes(from.root)) return undefined
  const owners = packages[specifier.split('/')[0] ?? '']
  const here = from.layer ?? from.root
  if (owners === undefined || owners.includes(here)) return undefined
  return `${specifier} is imported by ${owners.join(' and ')} alone, not by ${here}`
}

function isOffline(place: Place): boolean {
  return !place.test && place.layer !== undefined && offline.includes(place.layer)
}

/** Contracts are suites that adapters' tests run, fixtures are processes that tests start: both count as tests. */
function placeOf(file: string): Place {
  const [root = '', ...rest] = file.split('/')
  return {
    root,
    layer: root === 'internal' ? rest[0] : undefined,
    test: root === 'test' || /\.(test|fixture)\.ts$|(^|\/)contract(\.ts$|\/)/.test(file),
  }
}
