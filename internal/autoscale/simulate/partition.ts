/** One partition of the topic with what the group knows of it. Offsets are positions in `tasks`. */
export class Partition {
  readonly number: number
  readonly tasks: number[] = []
  /** Pod that reads it; undefined while nobody does. */
  owner: number | undefined
  /** Counts assignments: a record handed out under an earlier one is none of the present owner's. */
  epoch = 0
  /** Records the present owner has in work. */
  inWork = 0
  /** Predicted seconds of its records that are not done. */
  openSeconds = 0
  readonly #done: boolean[] = []
  #next = 0
  #again: number[] = []
  #firstOpen = 0
  #doneAhead = 0
  #committed = { offset: 0, ahead: 0 }

  constructor(number: number) {
    this.number = number
  }

  append(task: number, predicted: number): void {
    this.tasks.push(task)
    this.#done.push(false)
    this.openSeconds += predicted
  }

  hasNext(): boolean {
    return this.#next < this.tasks.length || this.#again.length > 0
  }

  /** The next record to work on; what was taken from an earlier owner first. */
  take(): number | undefined {
    for (;;) {
      const offset = this.#again.shift() ?? (this.#next < this.tasks.length ? this.#next++ : undefined)
      if (offset === undefined || this.#done[offset] !== true) return offset
    }
  }

  /** Says whether it was not done before: after a rebalance a record may be worked on twice. */
  finish(offset: number, predicted: number): boolean {
    if (this.#done[offset] === true) return false
    this.#done[offset] = true
    this.openSeconds -= predicted
    this.#doneAhead += 1
    while (this.#done[this.#firstOpen] === true) {
      this.#firstOpen += 1
      this.#doneAhead -= 1
    }
    return true
  }

  /** Another owner: it begins at what is committed, so what is in work elsewhere is handed out once more. */
  assign(owner: number | undefined, inWorkElsewhere: readonly number[]): void {
    this.owner = owner
    this.epoch += 1
    this.inWork = 0
    this.#again = [...new Set([...this.#again, ...inWorkElsewhere])]
      .filter((offset) => this.#done[offset] !== true)
      .sort((a, b) => a - b)
  }

  commit(): void {
    this.#committed = { offset: this.#firstOpen, ahead: this.#doneAhead }
  }

  openTasks(): number[] {
    const open: number[] = []
    for (let offset = this.#firstOpen; offset < this.tasks.length; offset += 1) {
      const task = this.tasks[offset]
      if (task !== undefined && this.#done[offset] !== true) open.push(task)
    }
    return open
  }

  /** As Kafka tells it to everybody: the end less the committed offset. */
  get lag(): number {
    return this.tasks.length - this.#committed.offset
  }

  /** Without the records above the committed offset that its metadata calls done. */
  get exactLag(): number {
    return this.lag - this.#committed.ahead
  }
}
