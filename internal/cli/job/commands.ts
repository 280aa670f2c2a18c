import {
  type Command,
  defineCommand,
  defineOptions,
  flag,
  integer,
  option,
  optional,
  path,
  repeated,
  text,
  url,
} from '../../config/index.ts'

/** How every one of them finds its cluster. */
const cluster = defineOptions({
  namespace: optional(text('<namespace>'), {
    short: 'n',
    otherwise: 'the one of the context',
    doc: 'Namespace of the job.',
  }),
  context: optional(text('<name>'), { otherwise: 'the current one', doc: 'Context of the kubeconfig.' }),
  kubeconfig: optional(path('<file>'), {
    otherwise: 'KUBECONFIG or ~/.kube/config',
    doc: 'How to reach the cluster, as for kubectl.',
  }),
})
const json = flag({ doc: 'Write JSON.' })
const one = { usage: 'NAME', min: 1, max: 1 }

export const lsCommand = defineCommand({
  name: 'job ls',
  summary: 'List CompressionJobs: how far they are, what they saved, how many workers they have',
  options: {
    ...cluster,
    allNamespaces: flag({ short: 'A', doc: 'Of every namespace.' }),
    json,
  },
  examples: [{ line: 'kompressor job ls -A', does: 'everything the cluster compresses' }],
})

export const describeCommand = defineCommand({
  name: 'job describe',
  summary:
    'Tell everything about a job: progress, savings, why it has as many workers as it has, what is wrong',
  positionals: one,
  options: { ...cluster, json },
})

export const logsCommand = defineCommand({
  name: 'job logs',
  summary: 'Print what the pods of a job log, each line behind the name of its pod',
  positionals: one,
  options: {
    ...cluster,
    follow: flag({ short: 'f', doc: 'Go on with what they log from now on.' }),
    tail: option(integer({ min: 0, max: 100_000 }), { default: 50, doc: 'Lines of each pod to begin with.' }),
  },
})

export const retryCommand = defineCommand({
  name: 'job retry',
  summary: 'Do again what failed of a job: files of clients are queued, over a source runs a new job',
  positionals: one,
  options: {
    ...cluster,
    code: repeated(text('<code>'), {
      doc: 'Only files of clients that failed with it; docs/errors.md lists them.',
    }),
    url: option(url(), {
      default: 'http://127.0.0.1:8080',
      doc: 'Where the API answers, whose database has the failed files of clients. From outside: kubectl port-forward.',
    }),
  },
  examples: [
    {
      line: 'kompressor job retry photos',
      does: 'another job, photos-retry-1, that does only what photos did not get done',
    },
    {
      line: 'kompressor job retry uploads --code codec_timeout',
      does: 'only what took too long; beside it runs kubectl port-forward service/kompressor 8080',
    },
  ],
})

export const suspendCommand = defineCommand({
  name: 'job suspend',
  summary: 'Stop a job for as long as wanted: its workers go, nothing is lost',
  positionals: one,
  options: cluster,
})

export const resumeCommand = defineCommand({
  name: 'job resume',
  summary: 'Let a suspended job go on where it was',
  positionals: one,
  options: cluster,
})

export const freezeCommand = defineCommand({
  name: 'job freeze',
  summary: 'Keep as many workers as the job has now, whatever the work',
  positionals: one,
  options: {
    ...cluster,
    off: flag({ doc: 'The opposite: the number is chosen by the work again.' }),
  },
})

export const cancelCommand = defineCommand({
  name: 'job cancel',
  summary: 'End a job for good: what is open is cancelled, what is done stays, the resource goes',
  positionals: one,
  options: {
    ...cluster,
    wait: flag({ default: true, doc: 'Return when workers, topic and resource are gone.' }),
  },
})

export const reportCommand = defineCommand({
  name: 'job report',
  summary: 'Write what became of every object of a job as CSV, from the ledger in its output bucket',
  positionals: one,
  options: {
    ...cluster,
    out: optional(path('<file>'), { short: 'o', otherwise: 'standard output', doc: 'Where the CSV goes.' }),
    s3Endpoint: optional(url(), {
      otherwise: 'what the job says',
      doc: 'Where the bucket is reached from here; the credentials are those of AWS_*.',
    }),
  },
  examples: [
    {
      line: 'kompressor job report photos > photos.csv',
      does: 'old key, new key, bytes, score, one line an object',
    },
  ],
})

export const replayCommand = defineCommand({
  name: 'job replay',
  summary: 'Decide once more how many pods a job should have had, from recorded snapshots',
  positionals: { usage: 'FILE', min: 1, max: 1 },
  options: defineOptions({
    minReplicas: optional(integer({ min: 0, max: 100_000 }), {
      doc: 'Decide as if spec.scaling.minReplicas had been this.',
    }),
    maxReplicas: optional(integer({ min: 1, max: 100_000 }), {
      doc: 'Decide as if spec.scaling.maxReplicas had been this.',
    }),
    targetDrainSeconds: optional(integer({ min: 1, max: 100_000 }), {
      doc: 'Decide as if spec.scaling.targetDrainSeconds had been this.',
    }),
    scaleDownStabilizationSeconds: optional(integer({ min: 0, max: 100_000 }), {
      doc: 'Decide as if spec.scaling.scaleDownStabilizationSeconds had been this.',
    }),
    all: flag({ doc: 'Show every decision, not only those that change the number or differ.' }),
    json: flag({ doc: 'Write every decision as one line of JSON, with its terms.' }),
  }),
  examples: [
    {
      line: 'kubectl logs deploy/kompressor-operator > operator.log && kompressor job replay operator.log',
      does: 'an operator with --log-level debug records every decision',
    },
    {
      line: 'kompressor job replay operator.log --target-drain-seconds 30',
      does: 'what a shorter target would have asked for on what was seen',
    },
  ],
})

/** In the order of their help. */
export const jobCommands = [
  lsCommand,
  describeCommand,
  logsCommand,
  retryCommand,
  suspendCommand,
  resumeCommand,
  freezeCommand,
  cancelCommand,
  reportCommand,
  replayCommand,
] as const

/** What `kompressor job --help` says. */
export const jobCommand: Pick<Command, 'name' | 'summary' | 'options' | 'positionals' | 'examples'> = {
  name: 'job',
  summary: 'See and steer CompressionJobs of a cluster',
  options: {},
  positionals: { usage: '<verb>', min: 1, max: 2 },
  examples: jobCommands.map(({ name, positionals, summary }) => ({
    line: `kompressor ${name} ${positionals.usage}`.trim(),
    does: summary,
  })),
}

export type ClusterConfig = { [K in keyof typeof cluster]: string | undefined }
