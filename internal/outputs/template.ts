import { hash } from 'node:crypto'
import { posix } from 'node:path'
import { KompressorError } from '../errors/index.ts'
import type { OutputRules } from '../messages/index.ts'

/** What a keyTemplate may name, each from the key below the source's prefix: `2024/a.png` becoming WebP. */
export const placeholders = {
  path: 'the whole key: 2024/a.png',
  dir: 'its folder, with the slash: 2024/ (empty at the top)',
  file: 'the name: a.png',
  stem: 'the name without its last extension: a',
  ext: 'its last extension: .png (empty without one)',
  newext: 'the extension of the output when its type changes, to append: .webp (empty otherwise)',
  outext: 'the extension of the output, changed or not: .webp',
  hash: 'sixteen hexadecimal digits of the key’s SHA-256',
} as const

type Placeholder = keyof typeof placeholders

/** The whole name stays and a new type is appended: `a.png` becomes `a.png.webp` only when it became WebP. */
export const defaultKeyTemplate = '{path}{newext}'

type Piece = { text: string } | { placeholder: Placeholder }

/** Longest key stores take, bytes. */
const maxKeyBytes = 1024

/**
 * Names the output of a source object.
 *
 * @param sourcePath key of the source below the source's prefix
 * @param outputName name the codec gives the output: the source's own, perhaps with another or a further extension
 * @throws KompressorError invalid_configuration: the template names something it may not; invalid_name: the key would
 * be too long
 */
export function outputKey(
  rules: Pick<OutputRules, 'prefix' | 'keyTemplate'>,
  sourcePath: string,
  outputName: string,
): string {
  const values = valuesOf(sourcePath, newExtension(sourcePath, outputName))
  const parts = parseTemplate(rules.keyTemplate).map((piece) =>
    'text' in piece ? piece.text : values[piece.placeholder],
  )
  const key = `${rules.prefix}${parts.join('')}`
  if (Buffer.byteLength(key) <= maxKeyBytes) return key
  throw new KompressorError(
    'invalid_name',
    `the output of ${sourcePath} would have a key of ${Buffer.byteLength(key)} bytes; stores take ${maxKeyBytes}`,
  )
}

/** The extension the output's type asks for when the source's name does not have it: `.webp`; else nothing. */
function newExtension(sourcePath: string, outputName: string): string {
  const source = posix.basename(sourcePath)
  return outputName.startsWith(source) ? outputName.slice(source.length) : posix.extname(outputName)
}

function valuesOf(sourcePath: string, newext: string): Record<Placeholder, string> {
  const file = posix.basename(sourcePath)
  const ext = posix.extname(file)
  return {
    path: sourcePath,
    dir: sourcePath.slice(0, sourcePath.length - file.length),
    file,
    stem: file.slice(0, file.length - ext.length),
    ext,
    newext,
    outext: newext || ext,
    get hash() {
      return hash('sha256', sourcePath).slice(0, 16)
    },
  }
}

/** Throws invalid_configuration. */
export function parseTemplate(template: string): Piece[] {
  const pieces: Piece[] = []
  for (const [, name, text = ''] of template.matchAll(/\{([^{}]*)\}|([^{}]+|[{}])/g)) {
    if (name === undefined) {
      if (text === '{' || text === '}') throw invalid(template, `has a single ${text}`)
      pieces.push({ text })
    } else if (isPlaceholder(name)) pieces.push({ placeholder: name })
    else
      throw invalid(
        template,
        `names {${name}}; there are ${Object.keys(placeholders)
          .map((p) => `{${p}}`)
          .join(', ')}`,
      )
  }
  return pieces
}

function isPlaceholder(name: string): name is Placeholder {
  return Object.hasOwn(placeholders, name)
}

function invalid(template: string, what: string): KompressorError {
  return new KompressorError('invalid_configuration', `the keyTemplate ${template} ${what}`)
}
