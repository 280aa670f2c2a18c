import { type JobIdentity, selectorOf, selectorText, taskSelectorOf } from '../names.ts'
import type { OperatorDeps } from '../ports.ts'
import { pods } from '../resources.ts'
import { codeReason, type Trouble } from '../trouble.ts'
import type { Known } from './look.ts'
import { podTrouble } from './pod-trouble.ts'

/** Pods that are looked at: what is wrong with one is wrong with all. */
const mostPods = 20

/**
 * What keeps a job from going on: what its planner or report writer say, or why pods it waits for do not start.
 *
 * @param starved work is open and no worker is ready
 */
export async function findTrouble(
  { client }: Pick<OperatorDeps, 'client'>,
  job: JobIdentity,
  { stored, figures }: Known,
  { starved, signal }: { starved: boolean; signal: AbortSignal },
): Promise<Trouble | undefined> {
  const { trouble } = stored.job
  if (trouble !== null) return told(trouble)
  const list = async (selector: Record<string, string>) => {
    const labelSelector = selectorText(selector)
    return (await client.list(pods, { namespace: job.namespace, labelSelector, limit: mostPods, signal }))
      .items
  }
  const waitsForTask = !figures.planned || figures.ended !== undefined
  const ofTask = waitsForTask ? podTrouble(await list(taskSelectorOf(job))) : undefined
  return ofTask ?? (starved ? podTrouble(await list(selectorOf(job))) : undefined)
}

/** What to do about what a planner, a report writer or an eraser meets. */
const advice: Readonly<Record<string, string>> = {
  storage_denied:
    'Give the credentials of the job list and read on the source, and list, read, write and delete on the output.',
  bucket_not_found: 'Make the bucket, or name another one in a new job.',
  list_missing: 'Make it, with the list of addresses in it.',
  bad_list: 'Correct the list, or make another job that reads it otherwise.',
  storage_unavailable: 'Is the endpoint right, and can pods of this namespace reach it?',
}

/** What a pod has told the API, with what to do about it. */
export function told(trouble: { code: string; message: string }): Trouble {
  return {
    reason: codeReason(trouble.code),
    message: `${withAdvice(trouble)} It is tried again.`,
    temporary: true,
  }
}

export function withAdvice({ code, message }: { code: string; message: string }): string {
  const what = advice[code]
  return `${message}${/[.!?]$/.test(message) ? '' : '.'}${what === undefined ? '' : ` ${what}`}`
}
