import { type ConfigOf, loadConfig, type Options, suggest } from '../../config/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { Io } from '../io.ts'
import { styleFor } from '../terminal/output.ts'
import { compressionJobs, listEvery, requireJob, withCluster } from './cluster.ts'
import {
  cancelCommand,
  describeCommand,
  freezeCommand,
  jobCommands,
  logsCommand,
  lsCommand,
  reportCommand,
  resumeCommand,
  retryCommand,
  suspendCommand,
} from './commands.ts'
import { renderJob } from './describe.ts'
import { renderList } from './list.ts'
import { logs } from './logs.ts'
import { replay } from './replay.ts'
import { report } from './report.ts'
import { retry } from './retry.ts'
import { cancel, freeze, resume, suspend } from './steer.ts'

type Verb = (argv: readonly string[], io: Io) => Promise<void>

const verbs: Record<string, Verb> = {
  ls,
  describe,
  logs: onOne(logsCommand, async (cluster, name, { follow, tail }, io) => {
    await logs(cluster, name, { follow, tail, out: io.stdout })
    return undefined
  }),
  retry: onOne(retryCommand, (cluster, name, { url, code }) => retry(cluster, name, { url, codes: code })),
  suspend: onOne(suspendCommand, suspend),
  resume: onOne(resumeCommand, resume),
  freeze: onOne(freezeCommand, freeze),
  cancel: onOne(cancelCommand, cancel),
  report: async (argv, io) => {
    const { config, positionals } = loadConfig(reportCommand, argv, io.env)
    const { out, s3Endpoint: endpoint } = config
    const said = await withCluster(config, io.env, (cluster) =>
      report(cluster, positionals[0] ?? '', { out, endpoint, io }),
    )
    // Standard output may be the report.
    io.stderr.write(`${said}\n`)
  },
  replay,
}

/**
 * `kompressor job VERB …`.
 *
 * @returns the exit code, 0
 * @throws KompressorError invalid_configuration, cluster_denied, cluster_unavailable, job_not_found, and what the API and
 * the store say
 */
export async function job(argv: readonly string[], io: Io): Promise<number> {
  const [word = '', ...rest] = argv
  const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined
  if (verb === undefined) throw unknownVerb(word)
  await verb(rest, io)
  return 0
}

function unknownVerb(word: string): KompressorError {
  const names = jobCommands.map(({ name }) => name.replace('job ', ''))
  const meant = suggest(word, names)
  const hint = meant === undefined ? `there is ${names.join(', ')}` : `did you mean ${meant}?`
  const what = word === '' ? 'job needs to know what to do' : `${word} is nothing that can be done with jobs`
  return new KompressorError('invalid_configuration', `${what}; ${hint}\nSee: kompressor job --help`)
}

/** A verb about one job that ends in a sentence. */
function onOne<O extends Options>(
  command: Parameters<typeof loadConfig<O>>[0],
  act: (
    cluster: Parameters<Parameters<typeof withCluster>[2]>[0],
    name: string,
    config: ConfigOf<O>,
    io: Io,
  ) => Promise<string | undefined>,
): Verb {
  return async (argv, io) => {
    const { config, positionals } = loadConfig(command, argv, io.env)
    const where = config as ConfigOf<typeof suspendCommand.options>
    const said = await withCluster(where, io.env, (cluster) => act(cluster, positionals[0] ?? '', config, io))
    if (said !== undefined) io.stdout.write(`${said}\n`)
  }
}

async function ls(argv: readonly string[], io: Io): Promise<void> {
  const { config } = loadConfig(lsCommand, argv, io.env)
  await withCluster(config, io.env, async (cluster) => {
    const namespace = config.allNamespaces ? undefined : cluster.namespace
    const jobs = await listEvery(cluster, namespace)
    if (config.json) {
      io.stdout.write(`${JSON.stringify(jobs, null, 2)}\n`)
      return
    }
    if (jobs.length === 0) {
      const where = namespace === undefined ? '' : ` in namespace ${namespace}; -A looks in all of them`
      io.stderr.write(`No CompressionJobs${where}.\n`)
      return
    }
    const lines = renderList(jobs, { now: new Date(), withNamespace: config.allNamespaces })
    io.stdout.write(`${lines.join('\n')}\n`)
  })
}

async function describe(argv: readonly string[], io: Io): Promise<void> {
  const { config, positionals } = loadConfig(describeCommand, argv, io.env)
  await withCluster(config, io.env, async (cluster) => {
    const found = await requireJob(cluster, positionals[0] ?? '')
    const { apiVersion, kind } = compressionJobs
    const text = config.json
      ? JSON.stringify({ ...found, apiVersion, kind }, null, 2)
      : renderJob(found, { now: new Date(), style: styleFor(io.stdout) }).join('\n')
    io.stdout.write(`${text}\n`)
  })
}
