/** A coordination.k8s.io/v1 Lease as elections use it. */
export interface LeaseSpec {
  holder: string
  durationSeconds: number
  /** RFC 3339 with microseconds. */
  acquireTime: string | undefined
  renewTime: string | undefined
  transitions: number
}

/** A lease and when we first saw it as it is: clocks of other machines are not believed. */
export interface SeenLease {
  spec: LeaseSpec
  /** Milliseconds of our own clock. */
  since: number
}

/** Whether `me` may hold the lease now. */
export function mayHold(seen: SeenLease | undefined, me: string, now: number): boolean {
  if (seen === undefined || seen.spec.holder === '' || seen.spec.holder === me) return true
  return now >= seen.since + seen.spec.durationSeconds * 1000
}

/** What is seen now: an unchanged lease keeps the time since when it is unchanged. */
export function observed(seen: SeenLease | undefined, spec: LeaseSpec | undefined, now: number) {
  if (spec === undefined) return undefined
  const same =
    seen !== undefined && seen.spec.holder === spec.holder && seen.spec.renewTime === spec.renewTime
  return same ? seen : { spec, since: now }
}

/** The lease with `me` as its holder, renewed at `time`. */
export function held(
  spec: LeaseSpec | undefined,
  me: string,
  { durationSeconds, time }: { durationSeconds: number; time: Date },
): LeaseSpec {
  const ours = spec?.holder === me
  return {
    holder: me,
    durationSeconds,
    acquireTime: ours ? spec.acquireTime : microTime(time),
    renewTime: microTime(time),
    transitions: (spec?.transitions ?? -1) + (ours ? 0 : 1),
  }
}

/** The lease given back: anybody may take it at once. */
export function released(spec: LeaseSpec, time: Date): LeaseSpec {
  return { ...spec, holder: '', durationSeconds: 1, renewTime: microTime(time) }
}

/** The API refuses a MicroTime without exactly six digits. */
export function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z')
}
