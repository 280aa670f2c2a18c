import os from 'node:os'
import { defineCommand } from './command.ts'
import {
  checkCredentials,
  fetchOptions,
  outputCredentials,
  replicaOptions,
  sourceOptions,
} from './job-pods.ts'
import { type ConfigOf, defineOptions, flag, option, optional, repeated, required } from './option.ts'
import { compressionOptions, deliveryOptions, listenOptions, logOptions } from './standalone.ts'
import {
  bucketUrl,
  duration,
  integer,
  jobName,
  listOf,
  oneOf,
  path,
  postgresUrl,
  secret,
  text,
  url,
} from './value.ts'

const second = 1_000

/** How to reach Postgres. */
export const databaseOptions = defineOptions({
  databaseUrl: required(postgresUrl(), {
    doc: 'Postgres, 15 or later: directly or by a pooler in session mode, since notifications need a session.',
  }),
  databasePool: option(integer({ min: 1, max: 1_000 }), {
    default: 10,
    doc: 'Most connections this process has for queries; one more listens for notifications.',
  }),
  statementTimeout: option(duration({ min: second }), {
    default: 30 * second,
    doc: 'Longest a statement may take before it is given up as database_unavailable.',
  }),
  migrate: flag({
    default: true,
    doc: 'Bring the schema up to date at the start. Turn it off where the role may not, and run kompressor migrate.',
  }),
})

/** How to reach Kafka. */
export const kafkaOptions = defineOptions({
  kafkaBrokers: required(listOf(text('<host:port>')), {
    doc: 'Kafka brokers to begin with; the others are learnt from them.',
  }),
  kafkaTls: flag({ doc: 'Speak TLS with the brokers.' }),
  kafkaTlsCa: optional(path('<file>'), {
    otherwise: 'the authorities Node trusts',
    doc: 'PEM file of the authorities to trust instead.',
  }),
  kafkaTlsCert: optional(path('<file>'), {
    doc: 'PEM file of the certificate to show to brokers that ask for one.',
  }),
  kafkaTlsKey: optional(path('<file>'), { doc: 'PEM file of the key of that certificate.' }),
  kafkaSaslMechanism: optional(oneOf(['plain', 'scram-sha-256', 'scram-sha-512']), {
    otherwise: 'none',
    doc: 'How to log in, with --kafka-username and --kafka-password.',
  }),
  kafkaUsername: optional(text('<name>'), { doc: 'Name to log in with.' }),
  kafkaPassword: optional(secret(), { doc: 'Password to log in with.' }),
})

/** For processes that are members of consumer groups. */
const memberOptions = defineOptions({
  kafkaSessionTimeout: option(duration({ min: 6 * second, max: 1_800 * second }), {
    default: 45 * second,
    doc: 'How long a consumer that says nothing keeps its partitions; then others do its work. Within the bounds the brokers set.',
  }),
})

/** What must hold between the options of Kafka. */
export function checkKafka(config: ConfigOf<typeof kafkaOptions>): string[] {
  const { kafkaTls, kafkaTlsCa, kafkaTlsCert, kafkaTlsKey } = config
  const { kafkaSaslMechanism, kafkaUsername, kafkaPassword } = config
  const faults: string[] = []
  const files = [kafkaTlsCa, kafkaTlsCert, kafkaTlsKey]
  if (!kafkaTls && files.some((file) => file !== undefined)) {
    faults.push('--kafka-tls-ca, --kafka-tls-cert and --kafka-tls-key need --kafka-tls')
  }
  if ((kafkaTlsCert === undefined) !== (kafkaTlsKey === undefined)) {
    faults.push('--kafka-tls-cert and --kafka-tls-key need each other')
  }
  const named = kafkaUsername !== undefined && kafkaPassword !== undefined
  if (kafkaSaslMechanism !== undefined && !named) {
    faults.push('--kafka-sasl-mechanism needs --kafka-username and --kafka-password')
  }
  if (kafkaSaslMechanism === undefined && (kafkaUsername !== undefined || kafkaPassword !== undefined)) {
    faults.push('--kafka-username and --kafka-password need --kafka-sasl-mechanism')
  }
  if (kafkaSaslMechanism === 'plain' && !kafkaTls) {
    faults.push('--kafka-sasl-mechanism plain sends the password as it is: it needs --kafka-tls')
  }
  return faults
}

/** How to reach the object store. Credentials come the way of the AWS SDK: AWS_* variables, files, the pod's identity. */
export const s3Options = defineOptions({
  s3Bucket: required(text('<name>'), { doc: 'Bucket of uploads and outputs, best one of its own.' }),
  s3Endpoint: optional(url(), { otherwise: 'AWS', doc: 'Object store that is not AWS.' }),
  s3PublicEndpoint: optional(url(), {
    otherwise: 'the endpoint',
    doc: 'The object store as browsers see it: the base of upload and download URLs.',
  }),
  s3VirtualHost: flag({
    doc: 'Put the bucket into the host name also with --s3-endpoint; without it there the bucket stands in the path.',
  }),
  s3Region: optional(text('<region>'), {
    otherwise: 'AWS_REGION',
    doc: 'Region of the bucket.',
  }),
  s3Replica: repeated(bucketUrl(), {
    doc: 'A further bucket for outputs, in another region or store; reached with the same credentials. A file is complete when all of them have its outputs.',
  }),
})

const nameOption = option(text('<name>'), {
  derived: { text: 'the host name', value: os.hostname },
  doc: 'Names this process to Kafka and in histories. Under Kubernetes the host name is that of the pod.',
})

/** What a process can be for. */
const roles = ['http', 'relay', 'projector', 'sweeper', 'webhooks'] as const

const tokenSecrets = listOf(secret())

export const api = defineCommand({
  name: 'api',
  summary: 'Run the API and what moves work along, in a cluster',
  options: {
    roles: option(listOf(oneOf(roles)), {
      default: roles,
      doc: 'What this process does. Every role may run in any number of processes.',
    }),
    ...listenOptions,
    ...databaseOptions,
    ...kafkaOptions,
    ...memberOptions,
    ...s3Options,
    tokenSecret: optional(tokenSecrets, {
      otherwise: 'workers are not told what is cancelled',
      doc: 'Signs the tokens of jobs. Several: the first signs, all are accepted, so that it can be replaced.',
    }),
    ingest: repeated(jobName(), {
      doc: 'A further job that takes batches by its name, with a topic and workers of its own, such as urgent.',
    }),
    workerSlots: option(integer({ min: 1, max: 100_000 }), {
      default: 32,
      doc: 'Slots a job has in all its workers together: five minutes of work for them are kept in its topic.',
    }),
    createTopics: flag({
      default: true,
      doc: 'Create topics and partitions that are missing. Turn it off where others make them.',
    }),
    name: nameOption,
    maxFileSize: compressionOptions.maxFileSize,
    ...deliveryOptions,
    webhookAllow: repeated(text('<network>'), {
      doc: 'A private network that webhooks of jobs may go to, on every port and without TLS too, such as 10.1.0.0/16. Of the internet only HTTPS on port 443 is called, and nothing else.',
    }),
    webhookTimeout: option(duration({ min: second, max: 300 * second }), {
      default: 15 * second,
      doc: 'Longest a receiver of webhooks may take to answer.',
    }),
    grace: option(duration({ max: 3_600 * second }), {
      default: 20 * second,
      doc: 'What work in hand gets when the process is told to stop.',
    }),
    ...logOptions,
  },
  check: checkKafka,
  examples: [
    { line: 'kompressor api', does: 'everything but compressing' },
    { line: 'kompressor api --roles http', does: 'answers requests, needs Postgres and S3 only' },
  ],
})

/**
 * NODE_OPTIONS of a worker. What one file needs is short-lived and mostly outside V8's heap, where only a collection frees
 * it. Left alone the room for new objects grows to 64 MiB, so that collections of it are rare, and V8 marks the whole heap
 * every few megabytes instead: up to a tenth of a worker's CPU, and 150 MB of memory.
 */
export const workerNodeOptions = '--max-semi-space-size=4'

export const worker = defineCommand({
  name: 'worker',
  summary: 'Compress what is in the topic of a job, in a cluster',
  options: {
    job: option(text('<uid>'), { default: 'default', doc: 'The job this worker is for.' }),
    topic: option(text('<topic>'), { default: 'file-compression', doc: "The job's topic." }),
    group: option(text('<group>'), { default: 'kompressor-workers', doc: "The job's consumer group." }),
    ...kafkaOptions,
    ...memberOptions,
    ...s3Options,
    ...outputCredentials,
    ...replicaOptions,
    ...sourceOptions,
    sourceWeb: flag({ doc: 'The files of the job are at addresses of the web, and in no bucket.' }),
    ...fetchOptions,
    apiUrl: optional(url(), {
      otherwise: 'cancelled work is done in vain',
      doc: 'Where to ask what was cancelled, every five seconds. The worker goes on when nobody answers.',
    }),
    jobToken: optional(secret(), { doc: 'Lets this worker ask; made by kompressor token.' }),
    host: listenOptions.host,
    port: option(integer({ min: 0, max: 65_535 }), {
      default: 8081,
      doc: 'Port of /healthz, /readyz and /metrics; 0 takes any free one and prints it.',
    }),
    slots: compressionOptions.slots,
    memoryLimit: compressionOptions.memoryLimit,
    maxFileSize: compressionOptions.maxFileSize,
    maxPixels: compressionOptions.maxPixels,
    maxStarts: option(integer({ min: 1, max: 100 }), {
      default: 3,
      doc: 'Starts without an outcome, each ending with its whole worker, before a file fails as poison.',
    }),
    scratchDir: option(path('<folder>'), {
      derived: { text: 'a folder in the temporary folder', value: () => `${os.tmpdir()}/kompressor-worker` },
      doc: 'Folder for inputs and outputs in work; emptied at the start, so each worker needs its own.',
    }),
    name: nameOption,
    grace: option(duration({ max: 3_600 * second }), {
      default: 25 * second,
      doc: 'What files in work get when the process is told to stop. What does not end is done again by another worker.',
    }),
    ...logOptions,
  },
  examples: [
    { line: 'kompressor worker --slots 4', does: 'four files at a time' },
    {
      line: 'kompressor worker --job urgent --topic file-compression.urgent --group kompressor-workers.urgent',
      does: 'works for another job',
    },
  ],
  check: (config) => [
    ...checkKafka(config),
    ...checkCredentials(config),
    ...(config.apiUrl !== undefined && config.jobToken === undefined ? ['--api-url needs --job-token'] : []),
  ],
})

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'Bring the schema in Postgres up to date',
  options: { databaseUrl: databaseOptions.databaseUrl, ...logOptions },
})

export const token = defineCommand({
  name: 'token',
  summary: 'Print the token that lets the workers of a job ask what was cancelled',
  positionals: { usage: 'JOB', min: 1, max: 1 },
  options: { tokenSecret: required(tokenSecrets, { doc: 'As the API has it. The first one signs.' }) },
  examples: [{ line: 'kompressor token default', does: 'for the workers of the default job' }],
})

export type ApiConfig = ConfigOf<typeof api.options>
export type WorkerConfig = ConfigOf<typeof worker.options>
