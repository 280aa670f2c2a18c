/** A file that somebody chose. */
export interface Picked {
  /** A relative path when it comes from a folder. */
  name: string
  file: File
}

/** A file that is not taken, and why in words. */
export interface Refused {
  name: string
  size: number
  why: string
}

/** Files of one batch. */
export const mostFiles = 10_000

/** Picture formats that the service recognises and cannot read, by the ends of their names. */
const unreadable: Readonly<Record<string, string>> = {
  ...named('HEIC', ['heic', 'heif', 'hif']),
  ...named('JPEG XL', ['jxl']),
  ...named('JPEG 2000', ['jp2', 'j2k']),
  ...named('Camera raw', ['cr2', 'cr3', 'nef', 'arw', 'dng', 'raf', 'orf', 'rw2', 'pef', 'srw']),
}

/** What systems leave in folders, which nobody means to compress. */
const junk = /(^|\/)(\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini|__MACOSX\/.*)$/i

/**
 * Takes the files that can be taken, under names that are unique, and says of each other one why not. Looks into files
 * whose name promises a format that cannot be read: the bytes decide.
 */
export async function sortOut(
  picked: readonly Picked[],
): Promise<{ accepted: Picked[]; refused: Refused[] }> {
  const accepted: Picked[] = []
  const refused: Refused[] = []
  const names = new Set<string>()
  for (const { name, file } of picked) {
    if (junk.test(name)) continue
    const why = await objection(name, file)
    if (why !== undefined) refused.push({ name, size: file.size, why })
    else if (accepted.length === mostFiles) {
      refused.push({ name, size: file.size, why: 'One batch takes 10,000 files. Drop the rest again.' })
    } else accepted.push({ name: unique(clean(name), names), file })
  }
  return { accepted, refused }
}

async function objection(name: string, file: File): Promise<string | undefined> {
  if (file.size === 0) return 'The file is empty.'
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  const format = unreadable[extension]
  if (format === undefined || (await isReadable(file))) return undefined
  return `${format} pictures cannot be read here. Export it as JPEG, PNG or TIFF and drop it again.`
}

/** Whether the bytes are of a format that can be read, whatever the name says. */
async function isReadable(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer())
  const text = String.fromCharCode(...head)
  return text.startsWith('\xff\xd8\xff') || text.startsWith('\x89PNG') || /^RIFF.{4}WEBP/s.test(text)
}

function clean(name: string): string {
  return name.replace(/^\/+/, '').normalize('NFC')
}

/** `a.png`, `a (2).png`, `a (3).png`: things pasted all have the same name. */
function unique(name: string, taken: Set<string>): string {
  const dot = name.lastIndexOf('.')
  const end = dot > name.lastIndexOf('/') + 1 ? dot : name.length
  let candidate = name
  for (let n = 2; taken.has(candidate); n += 1) candidate = `${name.slice(0, end)} (${n})${name.slice(end)}`
  taken.add(candidate)
  return candidate
}

function named(format: string, extensions: readonly string[]): Record<string, string> {
  return Object.fromEntries(extensions.map((extension) => [extension, format]))
}
