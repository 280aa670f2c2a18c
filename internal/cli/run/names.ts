import { createHash } from 'node:crypto'
import path from 'node:path'

/** `photo.jpg` → `photo-compressed.jpg`: the name beside an input whose output would have the same name. */
export function besideName(file: string): string {
  const { dir, name, ext } = path.parse(file)
  return path.join(dir, fitName(`${name}-compressed`, ext))
}

/**
 * The name an output gets in its folder.
 *
 * An output of another type carries its extension behind the whole source name (`a.png` → `a.png.webp`), so two
 * sources of one folder can only meet when one is already named like the other's output; then that one keeps its name
 * and this one gets a number: `a.png.2.webp`. The answer depends on the sources alone, not on who finishes first.
 *
 * @param source the input's name
 * @param proposed what the codec would call the output
 * @param isSource whether the input's folder holds something of that name
 */
export async function outputName(
  source: string,
  proposed: string,
  isSource: (name: string) => Promise<boolean>,
): Promise<string> {
  if (proposed === source) return source
  const { name: stem, ext } = path.parse(proposed)
  for (let number = 2, name = fitName(stem, ext); ; number++) {
    if (!(await isSource(name))) return name
    name = fitName(stem, `.${number}${ext}`)
  }
}

const limit = 255

/**
 * A name of at most 255 bytes, the limit of nearly every file system. Of a stem that is too long the beginning stays,
 * followed by a tilde and a hash of the whole.
 */
export function fitName(stem: string, extension: string): string {
  const name = stem + extension
  if (Buffer.byteLength(name) <= limit) return name
  const mark = `~${createHash('sha256').update(stem).digest('hex').slice(0, 8)}`
  let room = limit - Buffer.byteLength(mark + extension)
  let kept = ''
  for (const character of stem) {
    room -= Buffer.byteLength(character)
    if (room < 0) break
    kept += character
  }
  return kept + mark + extension
}
