import { chown, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type KafkaOptions, type KafkaServer, startKafka } from './kafka.ts'
import { nobody, type PostgresOptions, type PostgresServer, startPostgres } from './postgres.ts'
import { type S3Server, startS3 } from './s3.ts'
import type { Server } from './server.ts'
import { UnavailableError } from './toolchain.ts'
import { startToxiproxy, type ToxiproxyServer } from './toxiproxy.ts'

/** Which servers to start; `true` is with the defaults. */
export interface ServicesWanted {
  postgres?: true | PostgresOptions
  s3?: true
  kafka?: true | KafkaOptions
  toxiproxy?: true
}

interface Servers {
  postgres: PostgresServer
  s3: S3Server
  kafka: KafkaServer
  toxiproxy: ToxiproxyServer
}

/** The servers that were wanted, each to be stopped, killed, frozen and restarted by itself. */
export type Services<Wanted extends ServicesWanted> = Pick<Servers, keyof Servers & keyof Wanted> & Common

export interface ServicesOptions {
  /** Address of this machine at which the servers are reached. Default 127.0.0.1: by nobody else. */
  host?: string
}

interface Common {
  /** Where each keeps data and log; gone after `stop`. */
  readonly folder: string
  /** What makes the suites use these servers. */
  readonly environment: Record<string, string>
  /** Ends all and removes what they wrote; with `keepLogs` all but what they said, in `NAME.log`. Repeatable. */
  stop(options?: { keepLogs?: boolean }): Promise<void>
}

/**
 * Starts real servers on free ports of the loopback interface (or of `host`), without Docker. What they need is downloaded or built once
 * (into KOMPRESSOR_CACHE, ~/.cache/kompressor). Nothing of them is left when this process ends, however it ends.
 *
 *     const { postgres, stop } = await startServices({ postgres: true })
 *     await postgres.restart('SIGKILL')
 *     await stop()
 *
 * Errors: UnavailableError when a server cannot be had here; Error, with the end of the log and where all of it is, when
 * one does not start.
 */
export async function startServices<const Wanted extends ServicesWanted>(
  wanted: Wanted,
  options?: ServicesOptions,
): Promise<Services<Wanted>>
export async function startServices(
  wanted: ServicesWanted,
  { host = '127.0.0.1' }: ServicesOptions = {},
): Promise<Partial<Servers> & Common> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kompressor-services-'))
  // Whoever runs a server must be able to remove its folder from this one.
  if (process.getuid?.() === 0) await chown(folder, nobody.uid, nobody.gid)
  const at = (name: string) => path.join(folder, name)
  const starting = {
    ...(wanted.postgres && {
      postgres: startPostgres(at('postgres'), { host, ...optionsOf(wanted.postgres) }),
    }),
    ...(wanted.s3 && { s3: startS3(at('s3'), host) }),
    ...(wanted.kafka && { kafka: startKafka(at('kafka'), { host, ...optionsOf(wanted.kafka) }) }),
    ...(wanted.toxiproxy && { toxiproxy: startToxiproxy(at('toxiproxy')) }),
  }
  const outcomes = await Promise.allSettled(Object.values<Promise<Server>>(starting))
  const started = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value)

  const stop = async ({ keepLogs = false } = {}): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()))
    if (keepLogs) await reduceToLogs(folder)
    else await rm(folder, { recursive: true, force: true })
  }

  const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason)
  const unavailable = failures.filter((reason) => reason instanceof UnavailableError)
  if (unavailable.length > 0) {
    await stop()
    // One tool is often missing for several servers.
    throw new UnavailableError([...new Set(unavailable.map(({ message }) => message))].join('\n'))
  }
  if (failures.length > 0) {
    await stop({ keepLogs: true })
    throw new Error(`${failures.map(describe).join('\n')}\nThe logs are in ${folder}`, { cause: failures[0] })
  }
  const { postgres, s3, kafka, toxiproxy } = starting
  const servers: Partial<Servers> = {
    ...(postgres && { postgres: await postgres }),
    ...(s3 && { s3: await s3 }),
    ...(kafka && { kafka: await kafka }),
    ...(toxiproxy && { toxiproxy: await toxiproxy }),
  }
  return { ...servers, folder, environment: environmentOf(servers), stop }
}

function environmentOf({ postgres, s3, kafka, toxiproxy }: Partial<Servers>): Record<string, string> {
  return {
    ...(postgres && { KOMPRESSOR_TEST_DATABASE_URL: postgres.url }),
    ...(kafka && { KOMPRESSOR_TEST_KAFKA_BROKERS: kafka.brokers }),
    ...(s3 && { KOMPRESSOR_TEST_S3_ENDPOINT: s3.endpoint, ...s3.environment }),
    ...(toxiproxy && { KOMPRESSOR_TEST_TOXIPROXY_URL: toxiproxy.url }),
  }
}

async function reduceToLogs(folder: string): Promise<void> {
  const names = await readdir(folder, { withFileTypes: true })
  for (const { name } of names.filter((entry) => entry.isDirectory())) {
    const own = path.join(folder, name)
    // One that did not come as far as its log has none.
    await rename(path.join(own, 'log'), `${own}.log`).catch(() => undefined)
    await rm(own, { recursive: true, force: true })
  }
}

function optionsOf<T extends object>(wanted: true | T): T | undefined {
  return wanted === true ? undefined : wanted
}

function describe(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
