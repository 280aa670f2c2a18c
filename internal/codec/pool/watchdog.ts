import os from 'node:os'
import { childBaseBytes } from '../cost.ts'
import type { Child } from './child.ts'
import { overgrown, residentBytes, type Working } from './memory.ts'
import type { ResolvedOptions } from './options.ts'

/** Looks at the memory of children at work, and kills the one that would otherwise cost the container. */
export class Watchdog {
  #options: ResolvedOptions
  #restingRss: () => number
  /** Children at work and their predicted resident bytes. */
  #working = new Map<Child, number>()
  #timer: NodeJS.Timeout | undefined
  #canLook: boolean

  /** @param restingRss resident bytes of all children when they last answered */
  constructor(options: ResolvedOptions, restingRss: () => number) {
    this.#options = options
    this.#restingRss = restingRss
    this.#canLook = residentBytes(process.pid) !== undefined
    if (!this.#canLook) {
      options.log('warn', 'children are not watched for memory: this system has no /proc', {
        platform: process.platform,
      })
    }
  }

  /** Watches a child until the returned function is called; with nobody to watch there is no timer. */
  watch(child: Child, predicted = childBaseBytes): () => void {
    this.#working.set(child, predicted)
    if (this.#canLook) this.#timer ??= setInterval(() => this.#look(), this.#options.watchdogIntervalMs)
    return () => {
      this.#working.delete(child)
      if (this.#working.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #look(): void {
    const working: (Working & { child: Child })[] = []
    let held = 0
    let idle = this.#restingRss()
    for (const [child, predicted] of this.#working) {
      const rss = child.pid === undefined ? 0 : (residentBytes(child.pid) ?? 0)
      working.push({ child, rss, predicted })
      held += rss
      idle -= child.restingRss
    }
    // What the limit leaves, or what the machine can still give when other programs have taken their part of it.
    const ours = this.#options.memoryLimitBytes - process.memoryUsage.rss() - idle
    const available = Math.min(ours, os.freemem() + held)
    const victim = overgrown(working, available)
    if (!victim) return
    const { rss, predicted } = victim
    this.#options.log('warn', 'killing a compression process: little memory remains', {
      pid: victim.child.pid,
      rss,
      predicted,
      held,
      available,
    })
    victim.child.kill('memory')
  }
}
