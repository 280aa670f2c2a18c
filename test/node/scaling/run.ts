/**
 * Plays one short trace (nothing, a burst, nothing) on a real node twice: with the operator's policy, and with the rules of
 * KEDA and of the HorizontalPodAutoscaler driving workers of the same kind. As root, about ten minutes.
 *
 *     npm run compare:scaling -- --files 200 --max 4 --hold 60
 */
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { kedaDefaults } from '../../../internal/autoscale/simulate/index.ts'
import { fixtures } from '../../fixtures/index.ts'
import { install } from '../installation.ts'
import { notPlace } from '../place.ts'
import { driveByKeda } from './keda.ts'
import { playTrial, type Trial } from './trial.ts'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '200' },
    /** Seconds before the burst. */
    idle: { type: 'string', default: '15' },
    max: { type: 'string', default: '4' },
    /** Seconds for which both keep pods after less was enough. */
    hold: { type: 'string', default: '60' },
    'lag-threshold': { type: 'string', default: '10' },
    /** Seconds from accepted to done, beyond which a file is late; our targetDrainSeconds. */
    late: { type: 'string', default: '60' },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const whole = z.coerce.number().int().positive()
const parsed = z
  .object({ files: whole, idle: whole, max: whole, hold: whole, 'lag-threshold': whole, late: whole })
  .safeParse(values)
if (!parsed.success) {
  say(`every option takes a whole number above 0: ${z.prettifyError(parsed.error)}`)
  process.exit(2)
}
const { files, idle, max, hold, 'lag-threshold': lagThreshold, late } = parsed.data

const hindrance = await notPlace(process.env)
if (hindrance !== undefined) {
  say(hindrance)
  process.exit(1)
}
const photos = await Promise.all(
  Array.from({ length: 10 }, (_, seed) => fixtures.photo({ width: 1600, height: 1200, seed })),
)
const installation = await install(say)
try {
  const namespace = 'scaling'
  await installation.createNamespace(namespace)
  const trace = { photos, count: files, idleSeconds: idle }
  const both = { maxReplicas: max, targetDrainSeconds: late, scaleDownStabilizationSeconds: hold }
  const trials: Trial[] = []
  const note = (trial: Trial) => trials.push(trial) && say(`${trial.name}: ${JSON.stringify(trial)}`)
  note(
    await playTrial(installation, trace, { namespace, name: 'kompressor', scaling: both, lateSeconds: late }),
  )
  const settings = {
    ...kedaDefaults,
    lagThreshold,
    pollingInterval: 5,
    cooldownPeriod: hold,
    maxReplicaCount: max,
    behaviour: {
      ...kedaDefaults.behaviour,
      scaleDown: { ...kedaDefaults.behaviour.scaleDown, stabilizationSeconds: hold },
    },
  }
  note(
    await playTrial(installation, trace, {
      namespace,
      name: 'keda',
      scaling: { ...both, mode: 'DryRun' },
      lateSeconds: late,
      drive: (job) => driveByKeda(installation, job, settings),
    }),
  )
  process.stdout.write(tableOf(trials))
} finally {
  await installation.stop()
}

function tableOf(trials: readonly Trial[]): string {
  const rows = trials.map(({ name, late: share, p50, p95, last, podSeconds, mostPods, changes }) => {
    const seconds = [p50, p95, last, podSeconds].map((value) => `${value.toFixed(0)} s`)
    return `| ${[name, `${(share * 100).toFixed(1)} %`, ...seconds, mostPods, changes].join(' | ')} |\n`
  })
  return `| workers by | late | p50 | p95 | last | pods | most at once | changes |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n${rows.join('')}`
}
