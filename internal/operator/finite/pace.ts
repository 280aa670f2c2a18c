/** How far a job was at a moment. */
export interface Mark {
  /** Milliseconds. */
  at: number
  files: number
  bytes: number
  /** Predicted milliseconds of what is done, calibrated. */
  workMs: number
  /** Slots that were there to work. */
  slots: number
}

export interface Pace {
  filesPerSecond: number
  bytesPerSecond: number
  /** Seconds of predicted work that a slot does in a second. */
  perSlot: number
}

const windowMs = 120_000
/** What is measured over less says more about chance. */
const shortestMs = 20_000
/** A slot neither stands still nor does ten times what was predicted: further off is a matter of too few files. */
const [slowest, fastest] = [0.1, 10]

/** The marks with a new one, without those nobody will ask for. */
export function marked(marks: readonly Mark[], mark: Mark): Mark[] {
  const from = marks.findLastIndex(({ at }) => at <= mark.at - windowMs)
  return [...marks.slice(Math.max(0, from)), mark]
}

/** Mean pace of the last two minutes; undefined as long as too little is known. */
export function paceOf(marks: readonly Mark[]): Pace | undefined {
  const [first, last] = [marks[0], marks.at(-1)]
  if (first === undefined || last === undefined || last.at - first.at < shortestMs) return undefined
  const seconds = (last.at - first.at) / 1000
  const slotSeconds =
    marks.slice(1).reduce((sum, { at, slots }, i) => sum + slots * (at - (marks[i]?.at ?? at)), 0) / 1000
  const work = (last.workMs - first.workMs) / 1000
  return {
    filesPerSecond: Math.max(0, (last.files - first.files) / seconds),
    bytesPerSecond: Math.max(0, (last.bytes - first.bytes) / seconds),
    perSlot: slotSeconds === 0 || work <= 0 ? 1 : Math.min(fastest, Math.max(slowest, work / slotSeconds)),
  }
}
