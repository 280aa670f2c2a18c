import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { z } from 'zod'
import {
  type Client,
  createClient,
  createTransport,
  defineResource,
  loadKubeConfig,
} from '../../internal/kube/index.ts'
import { ensureParts, namespaces } from '../../tools/cluster/index.ts'
import { type Services, startServices } from '../../tools/services/index.ts'
import { forward, openPlace, type Place } from './place.ts'

const root = path.join(import.meta.dirname, '../..')
const execute = promisify(execFile)

const kubeServices = defineResource(
  { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true },
  { spec: z.object({ clusterIP: z.string() }) },
)

export interface Installation {
  client: Client
  /** Of the API. */
  apiUrl: string
  servers: Services<{ postgres: true; s3: true; kafka: true }>
  bucket: string
  /** Address of this machine that its pods reach, and that it may send webhooks to. */
  host: string
  /** Runs kubectl as somebody who may do everything; returns what it says. */
  kubectl(...args: readonly string[]): Promise<string>
  /** Of a test; in a cluster that is not ours it goes with what is installed. */
  createNamespace(name: string): Promise<void>
  /** `kubectl apply` of one object. */
  apply(manifest: object): Promise<void>
  stop(): Promise<void>
}

/**
 * Kompressor as a user installs it: the image of the Dockerfile, deploy/kustomize/base under an overlay, on a real node;
 * Kafka, Postgres and S3 beside the cluster, on this machine. A cluster that is not ours must have no Kompressor yet, and
 * has none afterwards.
 */
export async function install(say: (line: string) => void): Promise<Installation> {
  const options = { env: process.env, say }
  const program = await findKubectl(options)
  const cleanup = new AsyncDisposableStack()
  try {
    const place = await openPlace(options)
    cleanup.defer(() => place.stop())
    const servers = await startServices({ postgres: true, s3: true, kafka: true }, { host: place.host })
    cleanup.defer(() => servers.stop())
    const bucket = 'kompressor'
    await createBucket(servers, bucket)

    const transport = createTransport(loadKubeConfig({ kubeconfig: place.kubeconfig }), {
      userAgent: 'kompressor-tests',
    })
    cleanup.defer(async () => transport.close())
    const client = createClient(transport, { fieldManager: 'kompressor-tests' })
    if ((await client.get(namespaces, { name: 'kompressor' })) !== undefined) {
      throw new Error('the cluster has a namespace kompressor: the tests would change what is in it')
    }
    const kubectl = kubectlOf(program, place)
    const overlay = await mkdtemp(path.join(os.tmpdir(), 'kompressor-overlay-'))
    cleanup.defer(() => rm(overlay, { recursive: true, force: true }))
    await writeOverlay(overlay, servers, { bucket, image: place.image, host: place.host })
    say('installing Kompressor')
    const created: string[] = []
    if (!place.ours) cleanup.defer(() => uninstall(kubectl, created))
    await kubectl('apply', '--server-side', '-k', overlay)
    const here = ['--namespace', 'kompressor', '--timeout', '600s']
    try {
      await kubectl('wait', ...here, '--for=condition=Complete', 'job/migrate')
      for (const name of ['api', 'delivery', 'operator']) {
        await kubectl('rollout', 'status', ...here, `deployment/${name}`)
      }
    } catch (error) {
      say(await kubectl('describe', 'pods', '--namespace', 'kompressor'))
      throw error
    }
    const service = { namespace: 'kompressor', name: 'kompressor', port: 8080 }
    const forwarded = place.ours ? undefined : await forward(program, place, service)
    cleanup.defer(async () => forwarded?.stop())
    const apiUrl = forwarded?.url ?? (await addressOf(client, service))
    const owned = cleanup.move()
    return {
      client,
      apiUrl,
      servers,
      bucket,
      host: place.host,
      kubectl,
      async createNamespace(name) {
        await kubectl('create', 'namespace', name)
        created.push(name)
      },
      async apply(manifest) {
        const file = path.join(overlay, 'manifest.json')
        await writeFile(file, JSON.stringify(manifest))
        await kubectl('apply', '-f', file)
      },
      stop: () => owned.disposeAsync(),
    }
  } catch (error) {
    await cleanup.disposeAsync()
    throw error
  }
}

async function addressOf(client: Client, service: { namespace: string; name: string; port: number }) {
  const found = await client.get(kubeServices, service)
  return `http://${found?.spec.clusterIP}:${service.port}`
}

/**
 * Jobs first, as long as there is an operator: nobody else takes their finalizers away. The CRD stays, as after the suites
 * that need no pods: it may have been there before.
 */
async function uninstall(kubectl: Installation['kubectl'], namespaces: readonly string[]): Promise<void> {
  for (const name of namespaces) {
    await kubectl('delete', 'cjob', '--all', '--namespace', name, '--timeout', '300s')
    await kubectl('delete', 'namespace', name, '--timeout', '300s')
  }
  await kubectl('delete', 'namespace', 'kompressor', '--timeout', '300s')
  await kubectl('delete', 'clusterrolebinding,clusterrole', 'kompressor-operator')
}

/** The one on the PATH, or one that is built. */
async function findKubectl(options: Parameters<typeof ensureParts>[1]): Promise<string> {
  try {
    await execute('kubectl', ['version', '--client'])
    return 'kubectl'
  } catch {
    return (await ensureParts(['kubectl'], options)).kubectl
  }
}

function kubectlOf(program: string, { kubeconfig }: Place) {
  return async (...args: readonly string[]): Promise<string> => {
    const env = { ...process.env, KUBECONFIG: kubeconfig }
    const { stdout } = await execute(program, args, { env, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  }
}

async function createBucket({ s3 }: Installation['servers'], bucket: string): Promise<void> {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION = '' } = s3.environment
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: AWS_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
}

async function writeOverlay(
  folder: string,
  { postgres, kafka, s3 }: Installation['servers'],
  { bucket, image, host }: { bucket: string; image: string; host: string },
): Promise<void> {
  const { AWS_REGION, ...keys } = s3.environment
  const { address } = await lookup(host, { family: 4 })
  const colon = image.lastIndexOf(':')
  const overlay = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'kompressor',
    resources: [path.relative(folder, path.join(root, 'deploy/kustomize/base'))],
    images: [{ name: 'kompressor', newName: image.slice(0, colon), newTag: image.slice(colon + 1) }],
    configMapGenerator: [{ name: 'kompressor', envs: ['settings.env'] }],
    secretGenerator: [{ name: 'kompressor', envs: ['secrets.env'] }],
  }
  const lines = (values: Record<string, string | undefined>) =>
    Object.entries(values)
      .map(([key, value]) => `${key}=${value}\n`)
      .join('')
  // JSON is YAML.
  await writeFile(path.join(folder, 'kustomization.yaml'), JSON.stringify(overlay, null, 2))
  await writeFile(
    path.join(folder, 'settings.env'),
    lines({
      KOMPRESSOR_KAFKA_BROKERS: kafka.brokers,
      KOMPRESSOR_S3_BUCKET: bucket,
      KOMPRESSOR_S3_ENDPOINT: s3.endpoint,
      KOMPRESSOR_API_URL: 'http://kompressor.kompressor.svc:8080',
      KOMPRESSOR_WORKER_IMAGE: image,
      KOMPRESSOR_WEBHOOK_ALLOW: `${address}/32`,
      AWS_REGION,
    }),
  )
  await writeFile(
    path.join(folder, 'secrets.env'),
    lines({
      KOMPRESSOR_DATABASE_URL: postgres.url,
      KOMPRESSOR_TOKEN_SECRET: 'a secret of the tests',
      ...keys,
    }),
  )
}
