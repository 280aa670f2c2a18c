import type { Pod } from '../resources.ts'
import type { Trouble } from '../trouble.ts'

/** What a container waits for when it will not start by itself. */
const stuck = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CrashLoopBackOff',
])

/** Why pods do not run, and what to do; undefined when nothing is known against them. */
export function podTrouble(pods: readonly Pod[]): Trouble | undefined {
  for (const { status, metadata } of pods) {
    for (const { state } of status?.containerStatuses ?? []) {
      const { reason, message = '' } = state?.waiting ?? {}
      if (reason !== undefined && stuck.has(reason)) return waiting(reason, message, metadata)
    }
    const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
    if (scheduled?.status === 'False') {
      const message = `Pod ${metadata.name} finds no node: ${scheduled.message ?? scheduled.reason}. See spec.worker.`
      return { reason: 'Unschedulable', message, temporary: true }
    }
  }
  return undefined
}

function waiting(reason: string, message: string, pod: Pod['metadata']): Trouble {
  const secret = /secret "([^"]+)" not found/i.exec(message)?.[1]
  if (secret !== undefined) {
    return {
      reason: 'SecretMissing',
      message: `There is no Secret ${secret} in namespace ${pod.namespace}: create it with the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or correct the credentialsSecretRef in a new job.`,
      temporary: true,
    }
  }
  const key = /find key (\S+) in Secret (\S+)/i.exec(message)
  if (key !== null) {
    const text = `Secret ${key[2]} has no key ${key[1]}: it needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`
    return { reason: 'SecretIncomplete', message: text, temporary: true }
  }
  const what = `Pod ${pod.name} does not start: ${reason}${message === '' ? '' : `, ${message}`}.`
  return {
    reason,
    message: `${what} kubectl logs ${pod.name} -n ${pod.namespace} may say more.`,
    temporary: true,
  }
}
