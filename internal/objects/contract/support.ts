import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'vitest'
import type { ErrorCode } from '../../errors/index.ts'
import type { ObjectStore } from '../port.ts'

export interface StoreUnderTest {
  store: ObjectStore
  stop: () => Promise<void>
  /** What the server behind an adapter cannot do, whatever the adapter does. Default: nothing. */
  limits?: ServerLimits
}

export interface ServerLimits {
  /** Keys are paths of a file system: no empty, relative or long segments, and no key is the folder of another. */
  keysArePaths?: boolean
  /** Whatever storage class is asked for, it has one. */
  oneStorageClass?: boolean
  /** It takes a body that is cut off for a whole one. */
  takesCutBodies?: boolean
}

/** The store under test and a local folder, from beforeAll to afterAll. */
export class Bench {
  #tested: (StoreUnderTest & { folder: string }) | undefined

  open(tested: StoreUnderTest, folder: string): void {
    this.#tested = { ...tested, folder }
  }

  get store(): ObjectStore {
    return this.#opened().store
  }

  get limits(): ServerLimits {
    return this.#opened().limits ?? {}
  }

  /** Of keys that are to exist beside each other, those that the server can hold. */
  holdable<T extends string>(keys: readonly T[]): T[] {
    if (!this.limits.keysArePaths) return [...keys]
    const paths = keys.filter((key) => key.split('/').every(isFileName))
    return paths.filter((key) => !paths.some((other) => other.startsWith(`${key}/`)))
  }

  close(): { stop: () => Promise<void>; folder: string } {
    return this.#opened()
  }

  /** A local path where nothing is. */
  path(): string {
    return join(this.#opened().folder, randomUUID())
  }

  #opened(): StoreUnderTest & { folder: string } {
    if (this.#tested === undefined) throw new Error('the store could not be made')
    return this.#tested
  }
}

function isFileName(segment: string): boolean {
  const isRelative = segment === '' || segment === '.' || segment === '..'
  return !isRelative && Buffer.byteLength(segment) <= 255 && !segment.includes('\u0001')
}

/** A key nobody else uses. */
export function freshKey(): string {
  return `contract/${randomUUID()}`
}

/** A body in chunks of at most 10,000 bytes. */
export function bodyOf(bytes: Uint8Array | string): Readable {
  const all = Buffer.from(bytes)
  const starts = Array.from({ length: Math.ceil(all.length / 10_000) }, (_, i) => i * 10_000)
  return Readable.from(starts.map((start) => all.subarray(start, start + 10_000)))
}

/** A body that yields `bytes` and then never anything more; `drained` resolves when somebody waits for more. */
export function stalledBody(bytes: string): { body: Readable; drained: Promise<void> } {
  const { promise: drained, resolve } = Promise.withResolvers<void>()
  const chunks = [Buffer.from(bytes)]
  const body = new Readable({
    read() {
      const chunk = chunks.shift()
      if (chunk === undefined) resolve()
      else this.push(chunk)
    },
  })
  return { body, drained }
}

/** A body that breaks off with an error after `bytes`. */
export function brokenBody(bytes: string, error: Error): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.from(bytes)
      throw error
    })(),
  )
}

export async function read(store: ObjectStore, key: string): Promise<Buffer> {
  const { body } = await store.get(key)
  return buffer(body)
}

export async function readText(store: ObjectStore, key: string): Promise<string> {
  return (await read(store, key)).toString()
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export async function expectCode(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: 'KompressorError', code })
}

/** Bytes of Buffers that are still referenced. */
export function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  // What one collection finds is freed beside the program, and counted as freed when the next begins.
  for (let i = 0; i < 2; i++) if (typeof collect === 'function') collect()
  return process.memoryUsage().arrayBuffers
}
