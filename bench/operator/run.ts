import type { BenchOptions, Row } from '../support/result.ts'
import { measureOperator } from './measure.ts'

const MB = 1024 ** 2

/** An operator with 500 CompressionJobs, 20 of them at work: what it takes and how soon it acts. */
export async function run({ short }: BenchOptions): Promise<Row[]> {
  const load = short ? { jobs: 40, busy: 5, steadySeconds: 15 } : { jobs: 500, busy: 20, steadySeconds: 60 }
  const figures = await measureOperator(load)
  const { deploymentSeconds: deployed, readySeconds, cores } = figures
  const at = (share: number) => deployed[Math.ceil(share * deployed.length) - 1] ?? 0
  const memory = figures.rssBytes / MB
  const what = `the operator with ${load.jobs} jobs, ${load.busy} at work`
  return [
    {
      what: `memory of ${what}`,
      measured: `${memory.toFixed(0)} MB`,
      values: { rssMB: memory, ...load },
      bar: 'below 300 MB',
      met: memory < 300,
    },
    {
      what: `CPU of ${what}`,
      measured: `${cores.toFixed(3)} cores, ${figures.reconcilesPerSecond.toFixed(1)} reconciles/s, ${figures.writesPerSecond.toFixed(1)} writes/s to the API server`,
      values: {
        cores,
        reconcilesPerSecond: figures.reconcilesPerSecond,
        writesPerSecond: figures.writesPerSecond,
      },
      bar: 'below 0.5 cores',
      met: cores < 0.5,
    },
    {
      what: `from apply to Deployment, ${load.jobs} jobs applied at once`,
      measured: `p50 ${at(0.5).toFixed(1)} s, p99 ${at(0.99).toFixed(1)} s; all Ready after ${readySeconds.toFixed(0)} s`,
      values: { p50: at(0.5), p99: at(0.99), readySeconds },
      bar: 'reported',
      met: true,
    },
    {
      what: `a reconcile of ${what}`,
      measured: `p99 below ${figures.steadyReconcileP99} s at work, below ${figures.reconcileP99} s over all; ${figures.failedReconciles} failed`,
      values: {
        steadyP99: figures.steadyReconcileP99,
        p99: figures.reconcileP99,
        failed: figures.failedReconciles,
      },
      bar: 'reported',
      met: true,
    },
  ]
}
