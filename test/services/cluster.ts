import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJobTokens } from '../../internal/auth/index.ts'
import { type Running, start as startCommand } from '../cli/command.ts'
import { type Service, startProcess } from '../support/service.ts'
import type { ServiceAddresses } from '../support/service-addresses.ts'

export interface ClusterOptions {
  servers: Pick<ServiceAddresses, 'kafkaBrokers' | 's3'>
  databaseUrl: string
  bucket: string
  /** For every process. */
  env?: Record<string, string>
}

/** Real processes of `kompressor api` and `kompressor worker` on the servers of this run. */
export interface Cluster {
  startApi(args?: readonly string[], port?: number): Promise<Service>
  /** A worker that asks this API what was cancelled. */
  startWorker(
    api: Pick<Service, 'url'>,
    args?: readonly string[],
    env?: Record<string, string>,
  ): Promise<Service>
  /** All that were started, those that have ended too. */
  readonly started: readonly Service[]
  /** `kompressor planner` or `kompressor report` for this job of this API. Not ended by `stop`. */
  startTask(command: 'planner' | 'report', api: Service, jobUid: string, args?: readonly string[]): Running
  /** Ends all that still run as a rollout would. Throws when one did not end well. */
  stop(): Promise<void>
}

const secret = 'a secret of the tests'
/** Each process loads a lot, and machines that test are busy. */
const readyMs = 240_000

export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { databaseUrl, bucket, env = {} } = options
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-cluster-'))
  const { kafkaBrokers, s3 } = options.servers
  const started: Service[] = []
  let count = 0
  // Several start at the same time.
  const nameOf = (command: string) => `${command}-${count++}`
  const environment = {
    ...env,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    AWS_REGION: s3.region,
    KOMPRESSOR_KAFKA_BROKERS: kafkaBrokers.join(','),
    KOMPRESSOR_S3_BUCKET: bucket,
    KOMPRESSOR_S3_ENDPOINT: s3.endpoint,
  }

  async function start(
    command: string,
    name: string,
    args: readonly string[],
    own: Record<string, string>,
    port = 0,
  ) {
    const service = await startProcess(command, {
      port,
      args: ['--name', name, ...args],
      env: { ...environment, ...own },
      readyMs,
    })
    started.push(service)
    return service
  }

  return {
    started,
    startApi: (args = [], port = 0) => {
      const own = { KOMPRESSOR_DATABASE_URL: databaseUrl, KOMPRESSOR_TOKEN_SECRET: secret }
      return start('api', nameOf('api'), args, own, port)
    },
    startWorker: (api, args = [], more = {}) => {
      const name = nameOf('worker')
      const job = args[args.indexOf('--job') + 1]
      const own = {
        ...more,
        KOMPRESSOR_API_URL: api.url,
        KOMPRESSOR_JOB_TOKEN: createJobTokens([secret]).mint(
          args.includes('--job') && job !== undefined ? job : 'default',
        ),
        KOMPRESSOR_SCRATCH_DIR: join(folder, name),
      }
      return start('worker', name, ['--slots', '1', ...args], own)
    },
    startTask: (command, api, jobUid, args = []) => {
      const own = {
        KOMPRESSOR_API_URL: api.url,
        KOMPRESSOR_JOB: jobUid,
        KOMPRESSOR_JOB_TOKEN: createJobTokens([secret]).mint(jobUid),
      }
      return startCommand([command, ...args], { cwd: folder, env: { ...environment, ...own } })
    },
    stop: async () => {
      const codes = await Promise.all(started.map((service) => service.stop()))
      await rm(folder, { recursive: true, force: true })
      const bad = started.filter((_, i) => codes[i] !== 0 && codes[i] !== null)
      if (bad.length > 0) throw new Error(bad.map((service) => service.output()).join('\n\n'))
    },
  }
}
