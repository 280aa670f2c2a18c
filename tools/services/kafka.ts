import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { servicePort } from './ports.ts'
import { createServer, type Server } from './server.ts'
import { installed, run } from './toolchain.ts'

const version = '4.1.1'

export interface KafkaOptions {
  /** Further settings, as in server.properties; they win over ours. */
  properties?: Record<string, string>
  /**
   * The protocol clients speak on the listener `CLIENTS`: PLAINTEXT (default), SSL, SASL_PLAINTEXT or SASL_SSL. What it
   * needs besides goes into `properties`.
   */
  protocol?: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** SCRAM users, `SCRAM-SHA-512=[name=…,password=…]`, who exist before the first start. */
  scram?: readonly string[]
  /** Clients are told to connect to this port: of a proxy before the broker; default the broker's own. */
  advertisedPort?: number
  /** Address its clients reach it at. Default 127.0.0.1. */
  host?: string
}

export interface KafkaServer extends Server {
  /** host:port */
  readonly brokers: string
  /** Where the broker itself listens, whatever it advertises. */
  readonly port: number
}

/** One Kafka node, broker and controller in one (KRaft). */
export async function startKafka(folder: string, options: KafkaOptions = {}): Promise<KafkaServer> {
  const libraries = await installed('kafka', version, install)
  await mkdir(folder)
  const { protocol = 'PLAINTEXT', scram = [], host = '127.0.0.1' } = options
  const port = await servicePort({ host })
  const { advertisedPort = port } = options
  const [controllerPort, internalPort] = [await servicePort(), await servicePort()]
  const file = path.join(folder, 'server.properties')
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `CLIENTS://${host}:${port},INTERNAL://127.0.0.1:${internalPort},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENTS://${host}:${advertisedPort},INTERNAL://127.0.0.1:${internalPort}`,
    'listener.security.protocol.map': `CLIENTS:${protocol},INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT`,
    // The broker talks to itself in plain text, past whatever stands before its clients.
    'inter.broker.listener.name': 'INTERNAL',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': path.join(folder, 'data'),
    // One node holds the only copy.
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // Few and small files: the default is 50 partitions of offsets.
    'offsets.topic.num.partitions': '4',
    'group.initial.rebalance.delay.ms': '0',
    // Files wait for the commit of their start: see docs/operations.md.
    'group.coordinator.append.linger.ms': '0',
    // What a careful administrator sets, and what shows that we do not count on it.
    'auto.create.topics.enable': 'false',
    ...options.properties,
  }
  await writeFile(
    file,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  )
  const java = (heap: string) => [
    '-cp',
    path.join(libraries, '*'),
    `-Xmx${heap}`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
  ]
  const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file]
  await run('java', [...java('128m'), ...format, ...scram.flatMap((user) => ['--add-scram', user])], {
    cwd: folder,
  })
  const server = createServer({
    name: 'kafka',
    folder,
    program: 'java',
    args: [...java('512m'), 'kafka.Kafka', file],
    ready: () => listens(port, host),
  })
  await server.start()
  return { ...server, brokers: `${host}:${advertisedPort}`, port }
}

/** Any 16 bytes in base64: the folder is the cluster's own. */
const clusterId = 'a29tcHJlc3Nvci10ZXN0cw'

async function install(target: string): Promise<void> {
  await run('mvn', [
    ...['--batch-mode', '--quiet', '--file', path.join(import.meta.dirname, 'kafka', 'pom.xml')],
    ...['dependency:copy-dependencies', `-DoutputDirectory=${target}`],
  ])
}

async function listens(port: number, host: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, host)
  socket.on('connect', () => resolve(true))
  socket.on('error', () => resolve(false))
  const listening = await promise
  socket.destroy()
  return listening
}
