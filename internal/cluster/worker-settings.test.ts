import { describe, expect, it } from 'vitest'
import { loadConfig, operator, worker } from '../config/index.ts'
import { workerSettings } from './worker-settings.ts'

const env = {
  KOMPRESSOR_WORKER_IMAGE: 'kompressor:1',
  KOMPRESSOR_TOKEN_SECRET: 'a secret that is long enough',
  KOMPRESSOR_API_URL: 'http://kompressor:8080',
  KOMPRESSOR_DATABASE_URL: 'postgres://user:never@db/kompressor',
  KOMPRESSOR_KAFKA_BROKERS: 'a:9092,b:9092',
  KOMPRESSOR_KAFKA_TLS: 'true',
  KOMPRESSOR_KAFKA_SASL_MECHANISM: 'scram-sha-256',
  KOMPRESSOR_KAFKA_USERNAME: 'us',
  KOMPRESSOR_KAFKA_PASSWORD: 'hush',
  KOMPRESSOR_S3_BUCKET: 'files',
  KOMPRESSOR_S3_ENDPOINT: 'http://minio:9000',
  KOMPRESSOR_S3_REGION: 'eu-west-1',
  KOMPRESSOR_S3_REPLICA: 'http://minio:9000/far?region=eu-north-1,http://other:9000/files',
  KOMPRESSOR_FETCH_ALLOW: '10.1.0.0/16,fd00::/8',
  KOMPRESSOR_FETCH_PER_HOST: '9',
  KOMPRESSOR_FETCH_TIMEOUT: '90s',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'quiet',
}
const { config } = loadConfig(operator, [], env)
const { settings, kafka } = workerSettings(config, env)

const all = {
  env: { ...settings.env, ...settings.bucket.env },
  secretEnv: { ...settings.secretEnv, ...settings.bucket.secretEnv },
}

describe('workerSettings', () => {
  it('tells workers what they read, so that they reach what the operator reaches', () => {
    const told = { ...all.env, ...all.secretEnv, KOMPRESSOR_JOB_TOKEN: 'kj1.a.b' }
    const { config: theirs, warnings } = loadConfig(worker, [], told)
    expect(warnings).toEqual([])
    for (const name of [
      'fetchAllow',
      'fetchPerHost',
      'fetchTimeout',
      'kafkaBrokers',
      'kafkaTls',
      'kafkaSaslMechanism',
      'kafkaUsername',
      'kafkaPassword',
      's3Bucket',
      's3Endpoint',
      's3Region',
      's3VirtualHost',
      's3Replica',
      'apiUrl',
    ] as const) {
      expect(theirs[name]).toEqual(config[name])
    }
  })

  it.each([
    [
      'plain sends the password as it is',
      { KOMPRESSOR_KAFKA_TLS: 'false', KOMPRESSOR_KAFKA_SASL_MECHANISM: 'plain' },
    ],
    ['cannot be handed on to workers', { KOMPRESSOR_KAFKA_TLS_CA: '/etc/ca.pem' }],
  ])('is not asked about a Kafka that workers could not reach: %s', (fault, wrong) => {
    expect(() => loadConfig(operator, [], { ...env, ...wrong })).toThrow(fault)
  })

  it('keeps secrets apart from the rest, and the database to the operator', () => {
    expect(JSON.stringify(all.env)).not.toMatch(/hush|quiet/)
    expect(all.secretEnv).toMatchObject({
      AWS_SECRET_ACCESS_KEY: 'quiet',
      KOMPRESSOR_KAFKA_PASSWORD: 'hush',
    })
    expect(JSON.stringify(settings)).not.toMatch(/never|long enough/)
  })

  it('lets the operator into Kafka the same way', () => {
    expect(kafka).toEqual({
      brokers: ['a:9092', 'b:9092'],
      tls: {},
      sasl: { mechanism: 'scram-sha-256', username: 'us', password: 'hush' },
    })
  })
})
