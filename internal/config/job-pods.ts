import os from 'node:os'
import { defineCommand } from './command.ts'
import {
  type ConfigOf,
  defineOptions,
  flag,
  type Option,
  option,
  optional,
  repeated,
  required,
} from './option.ts'
import { compressionOptions, logOptions } from './standalone.ts'
import { type BucketAddress, bucketUrl, duration, integer, path, secret, text, url } from './value.ts'

/** Where the outputs of a finite job go, and with whose credentials. */
export const outputOptions = defineOptions({
  s3Bucket: required(text('<name>'), { doc: 'Bucket of the outputs.' }),
  s3Endpoint: optional(url(), { otherwise: 'AWS', doc: 'Object store of the outputs, when it is not AWS.' }),
  s3Region: optional(text('<region>'), { otherwise: 'AWS_REGION', doc: 'Region of that bucket.' }),
})

/** Credentials that are not everybody's: those of one bucket of a job. */
export const outputCredentials = defineOptions({
  s3AccessKeyId: optional(text('<id>'), {
    otherwise: 'as the AWS SDK finds them: AWS_* variables, files, the identity of the pod',
    doc: 'Credentials for --s3-bucket alone.',
  }),
  s3SecretAccessKey: optional(secret(), { doc: 'Goes with --s3-access-key-id.' }),
  s3SessionToken: optional(secret(), { doc: 'Goes with --s3-access-key-id when it is temporary.' }),
})

/** The bucket a finite job reads. */
export const sourceOptions = defineOptions({
  sourceBucket: optional(text('<name>'), { doc: 'Bucket that a job reads which ends.' }),
  sourceEndpoint: optional(url(), { otherwise: 'AWS', doc: 'Object store of it, when it is not AWS.' }),
  sourceRegion: optional(text('<region>'), { otherwise: 'AWS_REGION', doc: 'Region of it.' }),
  sourceAccessKeyId: optional(text('<id>'), {
    otherwise: 'as the AWS SDK finds them',
    doc: 'Credentials for it alone.',
  }),
  sourceSecretAccessKey: optional(secret(), { doc: 'Goes with --source-access-key-id.' }),
  sourceSessionToken: optional(secret(), { doc: 'Goes with --source-access-key-id when it is temporary.' }),
})

const replicaNumbers = [1, 2, 3, 4, 5] as const
type ReplicaNumber = (typeof replicaNumbers)[number]

type ReplicaOptions = Record<`replica${ReplicaNumber}`, Option<BucketAddress | undefined>> &
  Record<
    `replica${ReplicaNumber}${'AccessKeyId' | 'SecretAccessKey' | 'SessionToken'}`,
    Option<string | undefined>
  >

/** Further buckets that have every output of a job that ends, each with credentials of its own. */
export const replicaOptions = Object.assign(
  {},
  ...replicaNumbers.map((number) => ({
    [`replica${number}`]: optional(bucketUrl({ withPrefix: true }), {
      doc: 'A further bucket for the outputs of a job that ends: https://s3.eu-west-1.amazonaws.com/bucket?region=eu-west-1&prefix=web/.',
    }),
    [`replica${number}AccessKeyId`]: optional(text('<id>'), {
      otherwise: 'as the AWS SDK finds them',
      doc: 'Credentials for it alone.',
    }),
    [`replica${number}SecretAccessKey`]: optional(secret(), { doc: 'Goes with it.' }),
    [`replica${number}SessionToken`]: optional(secret(), { doc: 'Goes with it when it is temporary.' }),
  })),
) as ReplicaOptions

export interface ReplicaConfig extends BucketAddress {
  accessKeyId: string | undefined
  secretAccessKey: string | undefined
  sessionToken: string | undefined
}

/** The replicas that were given. */
export function replicasIn(config: ConfigOf<ReplicaOptions>): ReplicaConfig[] {
  return replicaNumbers.flatMap((number) => {
    const address = config[`replica${number}`]
    if (address === undefined) return []
    return {
      ...address,
      accessKeyId: config[`replica${number}AccessKeyId`],
      secretAccessKey: config[`replica${number}SecretAccessKey`],
      sessionToken: config[`replica${number}SessionToken`],
    }
  })
}

/** The list of files a planner reads, where it lies in no bucket. */
const listOptions = defineOptions({
  sourceFile: optional(path('<file>'), {
    doc: 'CSV file of addresses, for a job whose list is in no bucket.',
  }),
})

/** How files at addresses are fetched. */
export const fetchOptions = defineOptions({
  fetchAllow: repeated(text('<network>'), {
    doc: 'A private network whose addresses lists may name, on every port, such as 10.1.0.0/16. Of the internet only ports 80 and 443 are fetched from, and of nothing else anything.',
  }),
  fetchPerHost: option(integer({ min: 1, max: 1_000 }), {
    default: 4,
    doc: 'Requests to one server at a time.',
  }),
  fetchTimeout: option(duration({ min: 1_000, max: 3_600_000 }), {
    default: 300_000,
    doc: 'Longest one file may take.',
  }),
})

/** What must hold between them. */
export function checkCredentials(
  config: Partial<ConfigOf<typeof sourceOptions & typeof outputCredentials>>,
): string[] {
  const faults: string[] = []
  if ((config.s3AccessKeyId === undefined) !== (config.s3SecretAccessKey === undefined))
    faults.push('--s3-access-key-id and --s3-secret-access-key need each other')
  if ((config.sourceAccessKeyId === undefined) !== (config.sourceSecretAccessKey === undefined))
    faults.push('--source-access-key-id and --source-secret-access-key need each other')
  return faults
}

const jobOptions = defineOptions({
  job: required(text('<uid>'), { doc: 'The job this process is for.' }),
  apiUrl: required(url(), { doc: 'Where the API is, which keeps the plan of the job.' }),
  jobToken: required(secret(), { doc: 'Lets this process in; made by kompressor token.' }),
})

export const planner = defineCommand({
  name: 'planner',
  summary: 'Read the source of a job and plan its work, in a cluster',
  options: {
    ...jobOptions,
    ...sourceOptions,
    ...listOptions,
    ...outputOptions,
    s3Bucket: optional(text('<name>'), {
      otherwise: 'none, with --estimate',
      doc: 'Bucket of the outputs.',
    }),
    ...outputCredentials,
    ...replicaOptions,
    estimate: flag({ doc: 'Compress a sample and say what the whole would save; plan nothing.' }),
    sample: option(integer({ min: 10, max: 100_000 }), {
      default: 400,
      doc: 'Files that --estimate looks at.',
    }),
    replicas: option(integer({ min: 1, max: 10_000 }), {
      default: 1,
      doc: 'Workers that --estimate predicts the duration for.',
    }),
    replicaSlots: optional(integer({ min: 1, max: 1024 }), {
      otherwise: '--slots',
      doc: 'Files that each of them compresses at the same time.',
    }),
    slots: compressionOptions.slots,
    memoryLimit: compressionOptions.memoryLimit,
    scratchDir: option(path('<folder>'), {
      derived: { text: 'the temporary folder', value: os.tmpdir },
      doc: 'Folder that files of the sample are compressed in.',
    }),
    ...logOptions,
  },
  check: (config) => [
    ...checkCredentials(config),
    ...(config.s3Bucket === undefined && !config.estimate ? ['--s3-bucket is missing'] : []),
  ],
  examples: [
    { line: 'kompressor planner', does: 'as the operator runs it, with all of that in the environment' },
  ],
})

export const report = defineCommand({
  name: 'report',
  summary: 'Write the report of a job that has ended beside its outputs, in a cluster',
  options: {
    ...jobOptions,
    ...outputOptions,
    ...outputCredentials,
    scratchDir: option(path('<folder>'), {
      derived: { text: 'the temporary folder', value: os.tmpdir },
      doc: 'Folder the ledger is sorted in: about 1 GB for a million objects.',
    }),
    ...logOptions,
  },
  check: checkCredentials,
})

export const eraser = defineCommand({
  name: 'eraser',
  summary: 'Erase what a job has written whose resource is deleted, in a cluster',
  options: {
    job: jobOptions.job,
    jobNamespace: optional(text('<namespace>'), {
      otherwise: 'none, of a run on one machine',
      doc: 'Namespace of that job; names its notes.',
    }),
    jobName: required(text('<name>'), { doc: 'Name of that job, likewise.' }),
    outputPrefix: optional(text('<prefix>'), {
      otherwise: 'none',
      doc: 'Put before every key of an output; nothing else is erased.',
    }),
    apiUrl: optional(url(), { otherwise: 'nobody', doc: 'Where the API is, which is told what is wrong.' }),
    jobToken: optional(secret(), { otherwise: 'nobody is told', doc: 'Lets this process in there.' }),
    ...outputOptions,
    ...outputCredentials,
    ...replicaOptions,
    requestsPerSecond: optional(integer({ min: 1, max: 1_000_000 }), {
      otherwise: 'as many as the store takes',
      doc: 'Most requests a second to the buckets.',
    }),
    ...logOptions,
  },
  check: checkCredentials,
})

export type EraserConfig = ConfigOf<typeof eraser.options>
export type PlannerConfig = ConfigOf<typeof planner.options>
export type ReportConfig = ConfigOf<typeof report.options>
