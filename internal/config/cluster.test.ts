import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  api,
  type Command,
  loadConfig,
  migrate,
  type Options,
  readKafkaConnection,
  token,
  worker,
} from './index.ts'

function faultOf<O extends Options>(
  command: Command<O>,
  argv: string[],
  env: Record<string, string> = {},
): string {
  try {
    loadConfig(command, argv, env)
    return 'accepted'
  } catch (error) {
    return String(error)
  }
}

const cluster = {
  KOMPRESSOR_DATABASE_URL: 'postgres://user:pass@db/kompressor',
  KOMPRESSOR_KAFKA_BROKERS: 'kafka-0:9092, kafka-1:9092',
  KOMPRESSOR_S3_BUCKET: 'files',
}

describe('the configuration of a cluster', () => {
  test('an API has every role unless told otherwise, and knows its brokers one by one', () => {
    const { config } = loadConfig(api, [], cluster)
    expect(config.roles).toEqual(['http', 'relay', 'projector', 'sweeper', 'webhooks'])
    expect(config.kafkaBrokers).toEqual(['kafka-0:9092', 'kafka-1:9092'])
    expect(loadConfig(api, ['--roles', 'relay,http,relay'], cluster).config.roles).toEqual(['relay', 'http'])
    expect(faultOf(api, ['--roles', 'http,mailer'], cluster)).toContain('must be one of http, relay')
    expect(faultOf(api, ['--roles', ','], cluster)).toContain('at least one value')
  })

  test('names of jobs can stand in names of topics', () => {
    expect(loadConfig(api, ['--ingest', 'urgent'], cluster).config.ingest).toEqual(['urgent'])
    expect(faultOf(api, ['--ingest', 'Über alles'], cluster)).toContain('lower-case letters')
  })

  test.each([
    ['a URL that is none', 'mysql://root:s3cret@db'],
    ['a URL that is not understood', 's3cret'],
  ])('no message shows the password in %s', (_, url) => {
    for (const fault of [
      faultOf(migrate, ['--database-url', url]),
      faultOf(migrate, [], { KOMPRESSOR_DATABASE_URL: url }),
    ]) {
      expect(fault).toContain('must be a URL such as postgres://')
      expect(fault).not.toContain('s3cret')
    }
  })

  test('a worker that is to ask the API needs a token', () => {
    const { KOMPRESSOR_DATABASE_URL: _, ...env } = cluster
    expect(faultOf(worker, [], env)).toBe('accepted')
    expect(faultOf(worker, ['--api-url', 'http://api'], env)).toContain('--api-url needs --job-token')
    expect(faultOf(worker, ['--api-url', 'http://api', '--job-token', 't'], env)).toBe('accepted')
  })

  test('a new secret stands in front of the old one', () => {
    expect(loadConfig(token, ['default', '--token-secret', 'new,old'], {}).config.tokenSecret).toEqual([
      'new',
      'old',
    ])
  })

  test.each([
    [['--kafka-tls-ca', 'ca.pem'], 'need --kafka-tls'],
    [['--kafka-tls', '--kafka-tls-cert', 'a.pem'], 'need each other'],
    [['--kafka-sasl-mechanism', 'scram-sha-512', '--kafka-username', 'u'], '--kafka-password'],
    [['--kafka-username', 'u'], 'need --kafka-sasl-mechanism'],
    [['--kafka-sasl-mechanism', 'plain', '--kafka-username', 'u', '--kafka-password', 'p'], 'as it is'],
  ])('Kafka: %j is refused', (argv, message) => {
    expect(faultOf(api, argv, cluster)).toContain(message)
    expect(faultOf(worker, argv, cluster)).toContain(message)
  })

  test('Kafka: the files of TLS are read, and a missing one is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kompressor-config-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const ca = join(folder, 'ca.pem')
    await writeFile(ca, 'PEM')
    const argv = ['--kafka-tls', '--kafka-tls-ca', ca, '--kafka-sasl-mechanism', 'scram-sha-512']
    const login = ['--kafka-username', 'u', '--kafka-password', 'p']
    const { config } = loadConfig(worker, [...argv, ...login], cluster)
    expect(await readKafkaConnection(config)).toEqual({
      brokers: ['kafka-0:9092', 'kafka-1:9092'],
      tls: { ca: 'PEM' },
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
    })
    expect(await readKafkaConnection(loadConfig(worker, [], cluster).config)).toEqual({
      brokers: ['kafka-0:9092', 'kafka-1:9092'],
    })
    await rm(ca)
    await expect(readKafkaConnection(config)).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining(ca),
    })
  })
})
