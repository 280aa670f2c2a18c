import { readFile } from 'node:fs/promises'
import { KompressorError } from '../errors/index.ts'
import type { kafkaOptions } from './cluster.ts'
import type { ConfigOf } from './option.ts'

type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512'

/** What a client of Kafka is made with. */
export interface KafkaConnectionConfig {
  brokers: readonly string[]
  tls?: { ca?: string; cert?: string; key?: string }
  sasl?: { [M in Mechanism]: { mechanism: M; username: string; password: string } }[Mechanism]
}

/**
 * The options of Kafka with the files they name, ready for `createKafkaBroker`.
 *
 * @throws KompressorError invalid_configuration when a file cannot be read
 */
export async function readKafkaConnection(
  config: ConfigOf<typeof kafkaOptions>,
): Promise<KafkaConnectionConfig> {
  const { kafkaBrokers, kafkaTls, kafkaTlsCa, kafkaTlsCert, kafkaTlsKey } = config
  const { kafkaSaslMechanism: mechanism, kafkaUsername: username, kafkaPassword: password } = config
  const login = mechanism !== undefined && username !== undefined && password !== undefined
  return {
    brokers: kafkaBrokers,
    ...(kafkaTls && {
      tls: {
        ...(kafkaTlsCa !== undefined && { ca: await read('--kafka-tls-ca', kafkaTlsCa) }),
        ...(kafkaTlsCert !== undefined && { cert: await read('--kafka-tls-cert', kafkaTlsCert) }),
        ...(kafkaTlsKey !== undefined && { key: await read('--kafka-tls-key', kafkaTlsKey) }),
      },
    }),
    ...(login && { sasl: { mechanism, username, password } }),
  }
}

async function read(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new KompressorError('invalid_configuration', `${flag} ${file} cannot be read: ${why}`, { cause })
  }
}
