import type { Decision, Settings, Snapshot } from '../autoscale/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { JobIdentity } from './names.ts'

/** Writes at level debug all that a decision is made of, as `kompressor job replay` reads it. */
export function recordDecision(
  logger: Logger,
  { namespace, name }: JobIdentity,
  { snapshot, settings, decision }: { snapshot: Snapshot; settings: Settings; decision: Decision },
): void {
  const { replicas, reason } = decision
  logger.debug({ namespace, job: name, snapshot, settings, replicas, reason }, 'decided')
}
