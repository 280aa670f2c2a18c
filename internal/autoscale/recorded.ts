import { z } from 'zod'
import type { Settings, Snapshot } from './snapshot.ts'

/** One look at a job as it was recorded: what was seen, what was set, and what was decided. */
export interface Recorded {
  /** `namespace/name`. */
  job: string
  /** When, as it was written; absent where nobody wrote it. */
  time?: string | undefined
  snapshot: Snapshot
  settings: Settings
  /** Pods that were decided on then. */
  replicas: number
}

const count = z.number().int().nonnegative()
/** A number, whatever it is: what cannot be is for the policy to judge. JSON writes what is none as null. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

const snapshotSchema = z.object({
  at: z.number(),
  lag: z.array(figure).readonly(),
  releasedSeconds: figure,
  unreleasedSeconds: figure,
  openTasks: figure,
  arrival: z.object({ mean: figure, sigma: figure, recent: figure }),
  serviceP95Seconds: figure,
  replicas: count,
  ageMs: z.number().optional(),
  throttled: z.boolean(),
  limited: z.boolean().optional(),
  degraded: z.boolean(),
  finite: z.object({ deadlineAt: z.number().optional(), remainingSeconds: figure, pace: figure }).optional(),
})

const settingsSchema = z.object({
  minReplicas: count,
  maxReplicas: count,
  targetDrainSeconds: z.number().positive(),
  scaleDownStabilizationSeconds: z.number().nonnegative(),
  replicas: count.optional(),
  suspended: z.boolean(),
  slots: z.number().positive(),
  slotsPerPartition: z.number().positive(),
  startSeconds: z.number().nonnegative(),
})

const recordedSchema = z.object({
  namespace: z.string().optional(),
  job: z.string(),
  time: z.string().optional(),
  snapshot: snapshotSchema,
  settings: settingsSchema,
  replicas: count,
})

/**
 * Reads one line of JSON, such as the operator logs at level debug for every decision.
 *
 * @returns undefined for a line about something else
 * @throws RangeError for a line that has a snapshot we cannot read; its message says what is wrong with it
 */
export function readRecorded(line: string): Recorded | undefined {
  const json = parsed(line)
  if (typeof json !== 'object' || json === null || !('snapshot' in json)) return undefined
  const result = recordedSchema.safeParse(json)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new RangeError(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { namespace, job, time, snapshot, settings, replicas } = result.data
  const { ageMs, finite, limited, ...seen } = snapshot
  return {
    job: namespace === undefined ? job : `${namespace}/${job}`,
    time,
    snapshot: {
      ...seen,
      ageMs,
      ...(limited !== undefined && { limited }),
      ...(finite !== undefined && { finite: withoutAbsent(finite) }),
    },
    settings,
    replicas,
  }
}

function withoutAbsent({ deadlineAt, ...finite }: NonNullable<z.infer<typeof snapshotSchema>['finite']>) {
  return { ...finite, ...(deadlineAt !== undefined && { deadlineAt }) }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Not ours: logs of other programs, and what a terminal or kubectl wrote between.
    return undefined
  }
}
