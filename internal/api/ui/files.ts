import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** A file of the built web interface, as it goes over the wire. */
export interface UiFile {
  type: string
  /** Its name changes with its bytes: it may be kept for ever. */
  immutable: boolean
  /** Without an encoding, the bytes themselves. Encoded once and kept. */
  as(encoding: UiEncoding | undefined): Promise<{ bytes: Buffer; etag: string }>
}

/** In the order of preference. Absent for what is compressed already. */
export const uiEncodings = ['br', 'gzip'] as const
export type UiEncoding = (typeof uiEncodings)[number]

const types: Readonly<Record<string, { type: string; compressible: boolean }>> = {
  '.html': { type: 'text/html; charset=utf-8', compressible: true },
  '.js': { type: 'text/javascript; charset=utf-8', compressible: true },
  '.css': { type: 'text/css; charset=utf-8', compressible: true },
  '.svg': { type: 'image/svg+xml', compressible: true },
  '.json': { type: 'application/json', compressible: true },
  '.webmanifest': { type: 'application/manifest+json', compressible: true },
  '.map': { type: 'application/json', compressible: true },
  '.txt': { type: 'text/plain; charset=utf-8', compressible: true },
  '.png': { type: 'image/png', compressible: false },
  '.ico': { type: 'image/x-icon', compressible: false },
  '.woff2': { type: 'font/woff2', compressible: false },
}

type Files = ReadonlyMap<string, UiFile>

/** The folder a build of the web interface is in, held in memory until it is built anew. */
export class UiFiles {
  readonly #folder: string
  #loaded: { built: number; files: Promise<Files> } | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** By its path, such as `/index.html`. Undefined when there is none, which for the index means: not built. */
  async find(path: string): Promise<UiFile | undefined> {
    const built = await builtAt(join(this.#folder, 'index.html'))
    if (built === undefined) return undefined
    if (this.#loaded?.built !== built) this.#loaded = { built, files: this.#load() }
    return (await this.#loaded.files).get(path)
  }

  async #load(): Promise<Files> {
    try {
      return await load(this.#folder)
    } catch (error) {
      this.#loaded = undefined
      throw error
    }
  }
}

async function builtAt(index: string): Promise<number | undefined> {
  try {
    return (await stat(index)).mtimeMs
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function load(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      files.map(async (file) => {
        const path = `/${relative(folder, file).split(sep).join('/')}`
        return [path, uiFile(path, await readFile(file))] as const
      }),
    ),
  )
}

function uiFile(path: string, bytes: Buffer): UiFile {
  const { type, compressible } = types[extname(path)] ?? {
    type: 'application/octet-stream',
    compressible: false,
  }
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
  const encoded = new Map<UiEncoding, Promise<Buffer>>()
  return {
    type,
    immutable: path.startsWith('/assets/'),
    async as(encoding) {
      if (encoding === undefined || !compressible) return { bytes, etag: `"${hash}"` }
      const once = encoded.get(encoding) ?? encoders[encoding](bytes)
      encoded.set(encoding, once)
      return { bytes: await once, etag: `"${hash}-${encoding}"` }
    },
  }
}

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)

/** Brotli's best takes a second of CPU for two percent: the first visitor would wait for it. */
const encoders: Readonly<Record<UiEncoding, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) => brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (bytes) => gzipped(bytes, { level: 9 }),
}
