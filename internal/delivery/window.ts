/** What of a job is in its topic and not done. */
export interface OpenWork {
  partition: number
  tasks: number
  /** Predicted worker-milliseconds. */
  cost: number
}

export interface WindowPolicy {
  /** Worker-milliseconds that may be in the topic: slots wanted × the time the window should last. */
  costLimit: number
  /** Always allowed, however dear: keeps the predictions' errors from starving workers. */
  minTasks: number
}

/** How much more may be released, or undefined when the window is full. */
export function roomIn(
  open: readonly OpenWork[],
  policy: WindowPolicy,
): { tasks: number; cost: number } | undefined {
  const tasks = open.reduce((sum, p) => sum + p.tasks, 0)
  const cost = open.reduce((sum, p) => sum + p.cost, 0)
  if (tasks < policy.minTasks) return { tasks: policy.minTasks - tasks, cost: Number.MAX_SAFE_INTEGER }
  if (cost < policy.costLimit) return { tasks: policy.minTasks, cost: policy.costLimit - cost }
  return undefined
}

/**
 * Gives each task, in order, the partition with the least open cost (greedy balancing, within 4/3 of the best there
 * is: Graham 1969). Ties go to the lowest partition.
 */
export function spreadOver<T extends { cost: number }>(
  tasks: readonly T[],
  partitions: number,
  open: readonly OpenWork[],
): (T & { partition: number })[] {
  const load = new Array<number>(partitions).fill(0)
  for (const { partition, cost } of open) if (partition < partitions) load[partition] = cost
  return tasks.map((task) => {
    const partition = load.indexOf(Math.min(...load))
    // A task predicted to cost nothing still takes its turn.
    load[partition] = (load[partition] ?? 0) + Math.max(1, task.cost)
    return { ...task, partition }
  })
}
