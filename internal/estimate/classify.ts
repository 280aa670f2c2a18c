import { extname } from 'node:path'

const groups: Readonly<Record<string, string>> = {
  jpg: 'JPEG',
  jpeg: 'JPEG',
  jpe: 'JPEG',
  jfif: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  avif: 'AVIF',
  gif: 'GIF',
  tif: 'TIFF',
  tiff: 'TIFF',
  heic: 'HEIC',
  heif: 'HEIC',
  jxl: 'JPEG XL',
  svg: 'SVG',
}

/** What has no extension, or one that looks like none. */
export const noType = 'no extension'

/**
 * What a name says its content is: a kind of image, or the extension in lower case. Nobody has looked inside yet; whoever does
 * may find something else, and the file still counts here.
 */
export function typeByName(name: string): string {
  const extension = extname(name).slice(1).toLowerCase()
  if (!/^(?=.*[a-z])[a-z0-9]{1,8}$/.test(extension)) return noType
  return groups[extension] ?? extension
}

const KiB = 1024

/** The upper ends of the classes of size, bytes. 128 KiB is among them because some storage classes bill no less. */
const classEnds = [16 * KiB, 128 * KiB, 512 * KiB, 2048 * KiB, 8192 * KiB, 65_536 * KiB]

/** Number of the class that files of this size are in, from 0. */
export function sizeClass(bytes: number): number {
  const found = classEnds.findIndex((end) => bytes < end)
  return found < 0 ? classEnds.length : found
}

/** The first folder of a path, with its slash; files beside the folders are `./`. */
export function topFolder(path: string): string {
  const slash = path.indexOf('/')
  return slash < 0 ? './' : path.slice(0, slash + 1)
}
