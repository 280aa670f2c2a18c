import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { createFsObjectStore, type FsObjectStore } from '../../objects/index.ts'
import { createPGliteStore, type PGliteStore } from '../../store/index.ts'
import { createLogger, createMetrics, type Metrics, startTracing } from '../../telemetry/index.ts'
import { type Api, type ApiDeps, createApi } from '../index.ts'

/** The real API on a real server, with a real database and object store in a folder of their own. */
export interface Served extends AsyncDisposable {
  url: string
  port: number
  api: Api
  store: PGliteStore
  objects: FsObjectStore
  metrics: Metrics
  /** What the service logged. */
  log: string[]
  /** Moves the service's clock, in milliseconds. */
  advance(ms: number): void
  /** Files below the object store's folder, for looking at what was left behind. */
  blobs(): Promise<string[]>
  get(path: string, init?: RequestInit): Promise<Response>
  /** Posts JSON. */
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
}

/** With `shared` the database is somebody else's: making one takes seconds. */
export async function serve(overrides: Partial<ApiDeps> = {}, shared?: PGliteStore): Promise<Served> {
  const root = await mkdtemp(join(tmpdir(), 'kompressor-api-'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const url = `http://127.0.0.1:${address.port}`
  let offset = 0
  const clock = () => new Date(Date.now() + offset)
  const store = shared ?? (await createPGliteStore())
  const objects = await createFsObjectStore({
    root: join(root, 'objects'),
    durable: false,
    secret: 'a secret of the tests',
    publicUrl: url,
    now: clock,
  })
  const log: string[] = []
  const destination = { write: (line: string) => void log.push(line) }
  const logger = createLogger({ level: 'debug', format: 'json', destination })
  const metrics = createMetrics({ processMetrics: false })
  const { tracer } = await startTracing({
    serviceName: 'test',
    env: {},
    onError: (error) => void log.push(String(error)),
  })
  const api = createApi({
    store,
    objects,
    signedUrls: objects,
    metrics,
    logger,
    tracer,
    clock,
    ids: v7,
    limits: { maxFileBytes: 300 * 1024 ** 2 },
    publicUrl: () => url,
    retainMs: 30 * 86_400_000,
    uploadExpiryMs: 86_400_000,
    uploadUrlMs: 86_400_000,
    predictCost: ({ size = 0 }) => size / 1000,
    checks: { database: async () => void (await store.db.execute('select 1')) },
    ...overrides,
  })
  api.attachTo(server)
  return {
    url,
    port: address.port,
    api,
    store,
    objects,
    metrics,
    log,
    advance: (ms) => {
      offset += ms
    },
    blobs: async () => {
      const entries = await readdir(root, { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    },
    get: (path, init) => fetch(`${url}${path}`, init),
    post: (path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      }),
    [Symbol.asyncDispose]: async () => {
      await api.close({ graceMs: 1000 })
      await objects.close()
      if (shared === undefined) await store.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
