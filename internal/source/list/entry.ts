import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { KompressorError } from '../../errors/index.ts'
import { readAddress } from '../../fetch/index.ts'
import { notesPrefix } from '../../ledger/index.ts'

/** A line of a list: a file to fetch, or why it is none. */
export type ListEntry =
  | {
      /** Counted from 1, headers and empty lines included. */
      line: number
      url: string
      /** What the output is named by. */
      path: string
    }
  | { line: number; fault: string }

/** Longest path stores take, bytes. */
const longestPath = 1_024

/**
 * Reads an address of a list.
 *
 * @param key what the list says its output shall be named by; its host and path when it says nothing
 */
export function entryOf(line: number, address: string, key?: string): ListEntry {
  const text = address.trim()
  if (text === '') return { line, fault: 'has no address' }
  if (text.includes('\ufffd')) return { line, fault: 'is not UTF-8' }
  try {
    const url = readAddress(text)
    // What is behind # is for browsers.
    url.hash = ''
    const path = key === undefined ? pathOf(url) : key.trim()
    const fault = faultOf(path)
    return fault === undefined ? { line, url: url.href, path } : { line, fault }
  } catch (error) {
    if (error instanceof KompressorError && error.code === 'url_not_allowed')
      return { line, fault: error.message }
    throw error
  }
}

/**
 * `https://example.com/a/b.jpg` is `example.com/a/b.jpg`. A query makes another file of it and puts eight digits of its
 * hash behind the name: `b-1c9f4e02.jpg`.
 */
function pathOf({ host, pathname, search }: URL): string {
  const whole = `${host}${pathname.endsWith('/') ? `${pathname}index` : pathname}`
  const readable = decoded(whole)
  if (search === '') return readable
  const hash = createHash('sha256').update(search).digest('hex').slice(0, 8)
  const extension = posix.extname(readable)
  return `${readable.slice(0, readable.length - extension.length)}-${hash}${extension}`
}

/** As people write it, unless that has characters nobody sees. */
function decoded(path: string): string {
  try {
    const text = decodeURI(path)
    return isPlain(text) ? text : path
  } catch {
    // A percent sign that means itself.
    return path
  }
}

function isPlain(text: string): boolean {
  return !/[\p{Cc}\ufffd]/u.test(text)
}

function faultOf(path: string): string | undefined {
  if (path === '') return 'has no key'
  if (!isPlain(path)) return 'has a key with control characters'
  if (path.startsWith('/') || path.endsWith('/')) return 'has a key that begins or ends with a slash'
  if (path.startsWith(notesPrefix)) return `has a key below ${notesPrefix}, where notes about jobs are`
  if (Buffer.byteLength(path) > longestPath) return `has a key of more than ${longestPath} bytes`
  return undefined
}
