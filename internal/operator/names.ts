/** What identifies a CompressionJob for ever: another one of the same name has another uid. */
export interface JobIdentity {
  namespace: string
  name: string
  uid: string
}

export const managedBy = 'kompressor-operator'
/** Says that topic, group and row have to go before the resource may. */
export const finalizer = 'kompressor.dev/cleanup'
/** Deletes without Kafka and without erasing anything: for who has lost either for good. */
export const forceDelete = 'kompressor.dev/force-delete'
const jobUidLabel = 'kompressor.dev/job-uid'
const taskOfLabel = 'kompressor.dev/task-of'
const eraserOfLabel = 'kompressor.dev/eraser-of'

/** Every name that is made from a job's. At 45 characters of name all of them stay within 63, topics within 249. */
export function namesOf({ namespace, name, uid }: JobIdentity) {
  const own = `${namespace}.${name}.${uid.slice(0, 8)}`
  return {
    topic: `file-compression.${own}`,
    group: `kompressor-workers.${own}`,
    worker: `${name}-worker`,
    planner: `${name}-planner`,
    report: `${name}-report`,
    eraser: `${name}-eraser`,
  }
}

/** On everything a job owns. */
export function labelsOf({ name, uid }: JobIdentity): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'kompressor',
    'app.kubernetes.io/component': 'worker',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': managedBy,
    [jobUidLabel]: uid,
  }
}

/** Selects the pods of this very job, in `kubectl get pods -l` too. */
export function selectorOf({ uid }: JobIdentity): Record<string, string> {
  return { [jobUidLabel]: uid }
}

/** Selects its planner and its report writer, which are no workers and count as none. */
export function taskSelectorOf({ uid }: JobIdentity): Record<string, string> {
  return { [taskOfLabel]: uid }
}

/** Selects what erases what it wrote, after all the others have gone. */
export function eraserSelectorOf({ uid }: JobIdentity): Record<string, string> {
  return { [eraserOfLabel]: uid }
}

export function selectorText(selector: Record<string, string>): string {
  return Object.entries(selector)
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
}
