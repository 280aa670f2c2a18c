import { KompressorError } from '../errors/index.ts'
import { defaultKeyTemplate, outputKey, parseTemplate } from './template.ts'

/** Two sources a template gives one output. */
export interface Collision {
  sources: readonly [string, string]
  output: string
}

/*
 * Names made to be confused: extensions that come and go, folders and stems whose ends could change sides, a folder
 * that could be part of a name. They come first, because they make good examples in a message. Then every short name of
 * two letters and a point: a template joins whole parts of a key, so where two keys can be confused two short ones can.
 */
const folders = ['', 'photos/', 'photos/2024/', '2024/', '2024/photos/', 'p/', 'pp/', 'a/', 'ab/']
const stems = ['a', 'b', 'ab', 'ba', 'p', 'pp', 'a.b', 'photos', '2024']
const extensions = ['.png', '.jpg', '.webp', '.b', '']

/** What outputs may become: nothing else, one image format, one way of packing. */
const becomes = [undefined, '.webp', '.zst']

/**
 * Two sources of one job to which the template would give the same output, both turning into the same type or both
 * staying what they are; undefined when there are none.
 */
export function findCollision(keyTemplate: string): Collision | undefined {
  for (const become of becomes) {
    const seen = new Map<string, string>()
    for (const source of sources()) {
      const name = source.slice(source.lastIndexOf('/') + 1)
      const output = outputKey(
        { prefix: '', keyTemplate },
        source,
        become === undefined ? name : `${name}${become}`,
      )
      const other = seen.get(output)
      if (other !== undefined && other !== source) return { sources: [other, source], output }
      seen.set(output, source)
    }
  }
  return undefined
}

function* sources(): Generator<string> {
  for (const folder of folders) {
    for (const stem of stems) for (const extension of extensions) yield `${folder}${stem}${extension}`
  }
  const [one, two, three] = [words(1), words(2), words(3)]
  const nested = one.flatMap((outer) => one.map((inner) => `${outer}/${inner}`))
  const shortFolders = ['', ...[...one, ...two, ...three, ...nested].map((folder) => `${folder}/`)]
  for (const folder of shortFolders) for (const file of [...one, ...two, ...three]) yield `${folder}${file}`
}

/** Every word of so many characters. */
function words(length: number): string[] {
  const letters = ['a', 'b', '.']
  return length === 1 ? letters : words(length - 1).flatMap((word) => letters.map((letter) => word + letter))
}

/**
 * Refuses templates that are not understood, could give two files one output, or reach where notes are kept. Throws
 * invalid_configuration, with an example.
 */
export function checkTemplate(keyTemplate: string): void {
  const [first] = parseTemplate(keyTemplate)
  if (first === undefined) throw new KompressorError('invalid_configuration', 'the keyTemplate is empty')
  const collision = findCollision(keyTemplate)
  if (collision === undefined) return
  const [one, other] = collision.sources
  throw new KompressorError(
    'invalid_configuration',
    `with the keyTemplate ${keyTemplate} the files ${one} and ${other} would both become ${collision.output}; ` +
      `add {path} or {hash}, or leave it at ${defaultKeyTemplate}`,
  )
}

export interface Place {
  /** What tells two stores apart: an endpoint, or a folder. */
  store: string
  bucket: string
  prefix: string
}

/** Outputs among the originals would be read as originals. Throws invalid_configuration. */
export function checkOverlap(source: Place, output: Place): void {
  if (source.store !== output.store || source.bucket !== output.bucket) return
  if (!source.prefix.startsWith(output.prefix) && !output.prefix.startsWith(source.prefix)) return
  throw new KompressorError(
    'invalid_configuration',
    `the outputs (${output.bucket}/${output.prefix}) would lie among the originals (${source.bucket}/${source.prefix}), ` +
      'or the other way round; give them another bucket or prefix',
  )
}
