import kafkajs, { type Kafka, type KafkaConfig, type LogEntry, type RetryOptions } from 'kafkajs'
import type { Logger } from '../../telemetry/index.ts'
import { quietIdleConnections } from './idle.ts'
import { registerZstd } from './zstd.ts'

export interface KafkaConnection {
  /** `host:port`, one or more of the cluster's. */
  brokers: readonly string[]
  /** Names this process in the broker's logs, quotas and lists of group members: the pod's name. */
  clientId: string
  /** Encrypts; without it the connection is plain. PEM texts. */
  tls?: {
    /** Whom to trust instead of the system's authorities. */
    ca?: string
    /** This client's certificate and key, where the broker asks for one. */
    cert?: string
    key?: string
  }
  /** Says who we are. PLAIN sends the password as it is: only with `tls`. */
  sasl?: Sasl
  logger?: Logger
}

type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512'

export type Sasl = { [M in Mechanism]: { mechanism: M; username: string; password: string } }[Mechanism]

/** One client: connections, metadata and topics of its own. */
export type MakeClient = (retry: RetryOptions) => Kafka

export function clientFactory(connection: KafkaConnection): MakeClient {
  const { brokers, clientId, tls, sasl, logger } = connection
  registerZstd()
  quietIdleConnections()
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId,
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    ...(tls !== undefined && { ssl: { ...tls } }),
    ...(sasl !== undefined && { sasl }),
    logCreator: () => (entry) => logEntry(logger, entry),
  }
  return (retry) => new kafkajs.Kafka({ ...config, retry })
}

/** kafkajs says `error` about what it then repeats: whether something failed, our callers decide and say. */
function logEntry(logger: Logger | undefined, { level, namespace, log }: LogEntry): void {
  const { timestamp: _, message, ...details } = log
  const text = `${namespace}: ${message}`
  if (level <= kafkajs.logLevel.WARN) logger?.debug({ kafka: details }, text)
  else logger?.trace({ kafka: details }, text)
}
