import { type JobIdentity, namesOf } from '../names.ts'
import type { OperatorDeps } from '../ports.ts'
import { deployments, disruptionBudgets, secrets, taskJobs } from '../resources.ts'

/** Takes away what is left of a finished job in its namespace: pods that have ended, with their logs, and what they needed. */
export async function clearAway(
  { client }: Pick<OperatorDeps, 'client'>,
  job: JobIdentity,
  signal: AbortSignal,
): Promise<void> {
  const { worker, planner, report } = namesOf(job)
  const { namespace } = job
  const options = { propagation: 'Background', signal } as const
  for (const name of [planner, report]) await client.delete(taskJobs, { namespace, name }, options)
  await client.delete(deployments, { namespace, name: worker }, options)
  await client.delete(disruptionBudgets, { namespace, name: worker }, options)
  await client.delete(secrets, { namespace, name: worker }, options)
}
