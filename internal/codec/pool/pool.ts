import { rm } from 'node:fs/promises'
import { KompressorError, toKompressorError } from '../../errors/index.ts'
import { childBaseBytes, type FileFacts, predictCost, predictMemory } from '../cost.ts'
import type { CompressRequest } from '../request.ts'
import type { Compressed } from '../result.ts'
import type { Child } from './child.ts'
import { ChildDied, cancelled, deathOf, shuttingDown } from './death.ts'
import { admissionLine, dangerLine } from './memory.ts'
import { MemoryGate } from './memory-gate.ts'
import { type CompressorOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import type { CompressCallOptions, Compressor, PoolStats } from './port.ts'
import { Slot } from './slot.ts'
import { Watchdog } from './watchdog.ts'

/** Starts a child for every slot at once, so that the first file finds one warm. `close` ends them. */
export function createCompressor(options: CompressorOptions): Compressor {
  return new Pool(resolveOptions(options))
}

/** Milliseconds for a header. Most take one; a GIF's frames are counted by walking through the whole file. */
const measureDeadlineMs = 30_000

/** A deadline is this many times the predicted cost, because predictions and busy machines vary, and never short. */
const deadlineFactor = 10
const minDeadlineMs = 30_000

interface Call {
  name: string
  /** Aborted with the KompressorError the call is to reject with. */
  stop: AbortController
  settled: Promise<void>
}

/**
 * A call goes through these states; any of them ends it at once when it is cancelled or the pool closes.
 *
 *     queued ──slot──▶ starting ──child──▶ measuring ──facts──▶ holding ──memory, onStart──▶ compressing ──▶ settled
 *        │                │                    │                   │                              │
 *        └ leaves the     └ child not yet      └ child is killed   └ leaves the gate              └ child is killed
 *          queue            warm                 (deadline, memory, cancel, close)                  (likewise)
 *
 * Slots are given first come, first served, and so is memory; a call that waits for memory keeps its slot, so nothing
 * behind it can starve it.
 */
class Pool implements Compressor {
  readonly slots: number
  #options: ResolvedOptions
  #places: Slot[]
  #queue: { call: Call; give: (slot: Slot) => void; refuse: (reason: unknown) => void }[] = []
  #calls = new Set<Call>()
  #gate: MemoryGate
  #watchdog: Watchdog
  #starts: PoolStats['starts'] = { first: 0, recycled: 0, killed: 0, crashed: 0 }
  #closing = false

  constructor(options: ResolvedOptions) {
    this.#options = options
    this.slots = options.slots
    this.#watchdog = new Watchdog(options, () => this.#restingRss())
    this.#gate = new MemoryGate(() => {
      return admissionLine * (options.memoryLimitBytes - process.memoryUsage.rss() - this.#restingRss())
    })
    this.#places = Array.from({ length: options.slots }, (_, index) => {
      return new Slot(index, options, {
        onStart: (reason) => this.#starts[reason]++,
        onChange: () => this.#giveSlots(),
      })
    })
  }

  async compress(request: CompressRequest, options: CompressCallOptions = {}): Promise<Compressed> {
    const { name } = request
    const { signal } = options
    if (this.#closing) throw shuttingDown(name)
    if (signal?.aborted) throw cancelled(name, signal.reason)
    const settled = Promise.withResolvers<void>()
    const call: Call = { name, stop: new AbortController(), settled: settled.promise }
    const cancel = () => call.stop.abort(cancelled(name, signal?.reason))
    signal?.addEventListener('abort', cancel, { once: true })
    this.#calls.add(call)
    try {
      const slot = await this.#takeSlot(call)
      try {
        return await this.#runIn(slot, call, request, options)
      } finally {
        slot.release()
        this.#giveSlots()
      }
    } catch (error) {
      throw translated(error, name)
    } finally {
      signal?.removeEventListener('abort', cancel)
      this.#calls.delete(call)
      settled.resolve()
    }
  }

  stats(): PoolStats {
    const holding = this.#gate.waiting
    const taken = this.#places.filter((slot) => slot.taken).length
    return {
      slots: this.slots,
      busy: taken - holding,
      waiting: this.#queue.length + holding,
      starts: { ...this.#starts },
    }
  }

  async close({ graceMs = 0 }: { graceMs?: number } = {}): Promise<void> {
    this.#closing = true
    for (const { call } of [...this.#queue]) call.stop.abort(shuttingDown(call.name))
    const killAll = () => {
      for (const call of this.#calls) call.stop.abort(shuttingDown(call.name))
    }
    const timer = graceMs > 0 ? setTimeout(killAll, graceMs) : killAll()
    await Promise.all([...this.#calls].map((call) => call.settled))
    clearTimeout(timer ?? undefined)
    await Promise.all(this.#places.map((slot) => slot.stop()))
  }

  #restingRss(): number {
    return this.#places.reduce((sum, slot) => sum + slot.restingRss, 0)
  }

  async #takeSlot(call: Call): Promise<Slot> {
    const { promise, resolve, reject } = Promise.withResolvers<Slot>()
    const entry = { call, give: resolve, refuse: reject }
    const { signal } = call.stop
    const leave = () => {
      this.#queue = this.#queue.filter((other) => other !== entry)
      reject(signal.reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    this.#queue.push(entry)
    for (const slot of this.#places) slot.revive()
    this.#giveSlots()
    return await promise.finally(() => signal.removeEventListener('abort', leave))
  }

  /** Gives ready slots to those who wait, or refuses them all when no child starts on this machine. */
  #giveSlots(): void {
    for (const slot of this.#places) {
      if (slot.taken || !slot.isReady) continue
      const head = this.#queue.shift()
      if (!head) return
      slot.taken = true
      head.give(slot)
    }
    const faults = this.#places.flatMap(({ broken }) => broken ?? [])
    if (faults.length < this.#places.length) return
    for (const { refuse } of this.#queue.splice(0)) refuse(faults[0])
  }

  async #runIn(
    slot: Slot,
    call: Call,
    request: CompressRequest,
    options: CompressCallOptions,
  ): Promise<Compressed> {
    const { signal } = call.stop
    const child = await orAbort(slot.child(), signal)
    // Written down while the child looks at the header. What becomes of it is heard before the child compresses.
    const started = options.onStart?.() ?? Promise.resolve()
    started.catch(() => undefined)
    try {
      const result = await this.#converse(child, { request, options, started }, signal)
      child.files++
      const { input, output } = request
      const paths = result.outputs.map(({ path }) => path)
      // Parent and codecs are one program, but only the child has touched the file: it may not point elsewhere.
      const elsewhere = paths.find((path) => path !== output && path !== input)
      if (elsewhere !== undefined) {
        throw new KompressorError('internal', `an output is not where it was to go: ${elsewhere}`)
      }
      if (!paths.includes(output)) await rm(output, { force: true })
      return result
    } catch (error) {
      await rm(request.output, { force: true })
      throw error
    }
  }

  /** Measures, waits for memory, compresses. */
  async #converse(
    child: Child,
    {
      request,
      options,
      started,
    }: { request: CompressRequest; options: CompressCallOptions; started: Promise<void> },
    signal: AbortSignal,
  ): Promise<Compressed> {
    const { name } = request
    const measuring = options.deadlineMs ?? measureDeadlineMs
    const facts = await this.#ask(child, { name, signal, deadlineMs: measuring }, () =>
      child.measure(request),
    )
    const bytes = this.#needs(facts, request)
    await this.#gate.enter(bytes, signal)
    try {
      await started
      const cost = predictCost(facts, request.options)
      const deadlineMs = options.deadlineMs ?? minDeadlineMs + deadlineFactor * cost
      const predicted = childBaseBytes + bytes
      return await this.#ask(child, { name, signal, deadlineMs, predicted }, () => child.compress())
    } finally {
      this.#gate.leave(bytes)
    }
  }

  /** Bytes the file is predicted to take beyond those of an idle child. Throws `too_large_for_worker`. */
  #needs(facts: FileFacts, { name, options, limits }: CompressRequest): number {
    const { width = 0, height = 0, frames = 1 } = facts
    // The codec refuses it without decoding, with the code that says so.
    if (width * height * frames > limits.maxPixels) return 0
    const needs = predictMemory(facts, options) - childBaseBytes
    const { memoryLimitBytes, slots } = this.#options
    const most = dangerLine * (memoryLimitBytes - process.memoryUsage.rss() - slots * childBaseBytes)
    if (needs <= most) return needs
    const MiB = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2)} MiB`
    throw new KompressorError(
      'too_large_for_worker',
      `${name} needs about ${MiB(needs)} of memory and this worker can give ${MiB(Math.max(0, most))}; ` +
        'resize it, choose another format or give workers more memory',
    )
  }

  /** One question to the child, which is killed when the answer takes too long, too much memory, or is not wanted. */
  async #ask<T>(
    child: Child,
    about: { name: string; signal: AbortSignal; deadlineMs: number; predicted?: number },
    question: () => Promise<T>,
  ): Promise<T> {
    const { name, signal, deadlineMs, predicted } = about
    const abandon = () => child.kill(this.#closing ? 'closing' : 'cancelled')
    signal.throwIfAborted()
    signal.addEventListener('abort', abandon, { once: true })
    const deadline = setTimeout(() => child.kill('deadline'), deadlineMs)
    const unwatch = this.#watchdog.watch(child, predicted)
    const asked = performance.now()
    try {
      return await question()
    } catch (error) {
      if (!(error instanceof ChildDied)) throw error
      throw signal.aborted ? signal.reason : deathOf(name, error, deadlineMs)
    } finally {
      this.#options.onChildWork((performance.now() - asked) / 1000)
      unwatch()
      clearTimeout(deadline)
      signal.removeEventListener('abort', abandon)
    }
  }
}

/** The promise's outcome, or the signal's reason if that comes first. */
async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  return await Promise.race([promise, aborted.promise]).finally(() =>
    signal.removeEventListener('abort', abort),
  )
}

/** A KompressorError whose message names the file. */
function translated(error: unknown, name: string): KompressorError {
  const known = toKompressorError(error)
  if (known.message.includes(name)) return known
  const named = new KompressorError(known.code, `${name}: ${known.message}`, { cause: known.cause })
  if (known.stack !== undefined) named.stack = known.stack
  return named
}
