import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { servicePort, startServices } from '../../../tools/services/index.ts'
import { type Cluster, createCluster } from '../../services/cluster.ts'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts'
import type { Service } from '../../support/service.ts'

export const bucket = 'chaos'
/** Long enough for processes on a busy machine to be heard in, short enough to be waited for. */
export const sessionMs = 12_000

export interface Api {
  port: number
  /** Undefined while it is dead. */
  running: Service | undefined
}

/** Servers, processes on them, and the proxy through which all of them see the object store. */
export type World = Awaited<ReturnType<typeof createWorld>>

export async function createWorld({ apiArgs = [], workerEnv = {} }: WorldOptions) {
  const servers = await startServices({ postgres: true, kafka: true, s3: true })
  const { postgres, kafka, s3 } = servers
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = s3.environment
  const access = {
    region: AWS_REGION,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  }
  const direct = new S3Client({ ...access, endpoint: s3.endpoint, forcePathStyle: true })
  const proxy: FaultProxy = await startFaultProxy(s3.endpoint)
  await direct.send(new CreateBucketCommand({ Bucket: bucket }))
  const cluster: Cluster = await createCluster({
    servers: { kafkaBrokers: [kafka.brokers], s3: { ...access, endpoint: proxy.url } },
    databaseUrl: postgres.url,
    bucket,
    env: { KOMPRESSOR_KAFKA_SESSION_TIMEOUT: `${sessionMs}ms` },
  })
  const apis: Api[] = []
  const workers: Service[] = []

  const startApi = async (api: Api) => {
    api.running = await cluster.startApi(apiArgs, api.port)
  }
  const startWorker = async (index = 0) => {
    const port = apis[index % apis.length]?.port
    workers.push(await cluster.startWorker({ url: `http://127.0.0.1:${port}` }, [], workerEnv))
  }

  return {
    postgres,
    kafka,
    proxy,
    direct,
    apis,
    workers,
    cluster,
    startApi,
    startWorker,
    /** As many of each as wanted, at the same time. */
    async populate(wanted: { apis: number; workers: number }) {
      for (let i = 0; i < wanted.apis; i++) apis.push({ port: await servicePort(), running: undefined })
      await Promise.all(apis.map(startApi))
      await Promise.all(Array.from({ length: wanted.workers }, (_, i) => startWorker(i)))
    },
    urls: () => apis.map(({ port }) => `http://127.0.0.1:${port}`),
    /** Ends everything; what was frozen goes on first. Rejects when a process did not end well. */
    async stop() {
      for (const worker of workers) worker.resume()
      try {
        await cluster.stop()
      } finally {
        direct.destroy()
        await proxy[Symbol.asyncDispose]()
        await servers.stop()
      }
    },
  }
}

export interface WorldOptions {
  apiArgs?: readonly string[]
  workerEnv?: Record<string, string>
}
