import { KompressorError } from '../../errors/index.ts'
import { Child } from './child.ts'
import type { Exit } from './death.ts'
import type { ResolvedOptions, StartReason } from './options.ts'

/** Starts in a row that may fail before the slot gives up. */
const maxFailedStarts = 3

export interface SlotEvents {
  /** A child was started. */
  onStart: (reason: StartReason) => void
  /** The slot has become ready or broken. */
  onChange: () => void
}

/**
 * A place for one child at a time, which it replaces as needed.
 *
 *     starting ──ready──▶ ready ◀──────────── next is ready and nobody has the slot: the old child is killed
 *      ▲  ▲  │              │  │                                                         │
 *      │  │  │              │  └── enough files or memory ──▶ next warms up, the child goes on working
 *      │  │  └─ dies ──┐    └ dies: another is started at once
 *      │  └─ 3 times ──┤◀───┘
 *      └──── revive ── broken
 *
 * Broken, because a machine on which children do not start must not fork for ever.
 */
export class Slot {
  readonly index: number
  /** True while a file has it. */
  taken = false
  #options: ResolvedOptions
  #events: SlotEvents
  #current: Child | undefined
  #next: Child | undefined
  #failedStarts = 0
  #broken: KompressorError | undefined
  #stopped = false
  #living = new Set<Child>()

  constructor(index: number, options: ResolvedOptions, events: SlotEvents) {
    this.index = index
    this.#options = options
    this.#events = events
    this.#current = this.#launch('first')
  }

  get isReady(): boolean {
    return this.#current?.isReady ?? false
  }

  /** Why no child starts, once that is certain. */
  get broken(): KompressorError | undefined {
    return this.#broken
  }

  /** Resident bytes of its children when they last answered. */
  get restingRss(): number {
    let sum = 0
    for (const child of this.#living) sum += child.restingRss
    return sum
  }

  /** Tries again to start a child. */
  revive(): void {
    if (!this.#broken || this.#stopped) return
    this.#broken = undefined
    this.#failedStarts = 0
    this.#current = this.#launch('crashed')
  }

  /** The child, or the one that is starting in its place. Rejects with `internal` when none starts. */
  async child(): Promise<Child> {
    for (let child = this.#current; child !== undefined; child = this.#current) {
      if (child.isReady) return child
      await (child.isStarting ? Promise.race([child.ready, child.exited]) : child.exited)
    }
    throw this.#broken ?? new KompressorError('shutting_down', 'the compressor is closed')
  }

  /** Gives the slot back: puts the warm replacement in, or sees whether one is due. */
  release(): void {
    this.taken = false
    const child = this.#current
    if (!child?.isReady || this.#stopped) return
    const { maxFilesPerChild, maxRestingRssBytes } = this.#options
    const due = child.files >= maxFilesPerChild || child.restingRss > maxRestingRssBytes
    // A replacement that dies as it starts is tried again after the next file; until then the old child goes on.
    if (due && !this.#next) this.#next = this.#launch('recycled')
    this.#replace()
  }

  /** Kills what lives here and waits until it is gone. Nothing starts afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const child of this.#living) child.kill('closing')
    await Promise.all([...this.#living].map((child) => child.exited))
  }

  #replace(): void {
    if (this.taken || !this.#next?.isReady) return
    const old = this.#current
    this.#current = this.#next
    this.#next = undefined
    old?.kill('retired')
  }

  #launch(reason: StartReason): Child {
    const { childEntry, childEnv, onChildStart } = this.#options
    const child = new Child({ entry: childEntry, env: childEnv })
    this.#living.add(child)
    this.#events.onStart(reason)
    onChildStart({ slot: this.index, reason })
    child.ready.then(() => this.#onReady())
    child.exited.then((exit) => this.#onExit(child, exit))
    return child
  }

  #onReady(): void {
    this.#failedStarts = 0
    this.#replace()
    this.#events.onChange()
  }

  #onExit(child: Child, exit: Exit): void {
    this.#living.delete(child)
    this.#options.onChildExit({ ...exit, slot: this.index })
    if (exit.killedFor === undefined) {
      this.#options.log('error', 'a compression process died', { slot: this.index, ...exit })
    }
    if (child === this.#next) this.#next = undefined
    if (child !== this.#current) return
    this.#current = this.#next
    this.#next = undefined
    if (this.#current || this.#stopped) return
    if (!exit.wasReady && ++this.#failedStarts === maxFailedStarts) {
      this.#broken = notStarting(exit)
      this.#events.onChange()
    } else {
      this.#current = this.#launch(exit.killedFor ? 'killed' : 'crashed')
    }
  }
}

function notStarting({ stderr, code, signal }: Exit): KompressorError {
  const said = stderr.trim() || `they end with ${signal ?? `exit code ${code}`} before they are ready`
  return new KompressorError('internal', `compression processes do not start: ${said}`)
}
