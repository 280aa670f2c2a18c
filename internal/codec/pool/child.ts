import { type ChildProcess, fork } from 'node:child_process'
import os from 'node:os'
import { KompressorError } from '../../errors/index.ts'
import type { FileFacts } from '../cost.ts'
import type { CompressRequest } from '../request.ts'
import type { Compressed } from '../result.ts'
import { ChildDied, type Exit, type KillReason } from './death.ts'
import { type FromChild, fromChildSchema, type ToChild, toCompressed } from './messages.ts'

export interface ChildOptions {
  /** The module to run; it calls serveParent. */
  entry: URL
  /** The child's whole environment besides what it is given here: nothing of the parent's reaches it. */
  env: Record<string, string>
}

/** Priority of the children, -20 (first) to 19 (last): the process that accepts and reports stays responsive. */
const niceness = 10

/** Milliseconds a child may take to start; a busy machine has been seen to need several seconds. */
const startDeadlineMs = 60_000

/** Characters kept of what a child last wrote to stderr, for the message about its death. */
const keptStderr = 4000

/**
 * One child process, seen from the parent.
 *
 *     starting ──ready──▶ idle ──measure──▶ asked ──answer──▶ idle ──compress──▶ asked ──answer──▶ idle
 *         └──────────────────┴───────────────┴── exit or kill: `exited`, and what was asked rejects ─┘
 */
export class Child {
  /** Resolves when the child can take a file. Stays pending for ever when it ends before that. */
  readonly ready: Promise<void>
  /** Resolves when the process is gone, whatever the reason. Never rejects. */
  readonly exited: Promise<Exit>
  /** Files it has finished. */
  files = 0
  #process: ChildProcess
  #question: PromiseWithResolvers<FromChild> | undefined
  #restingRss = 0
  #stderr = ''
  #isReady = false
  #isGone = false
  #killedFor: KillReason | undefined

  constructor({ entry, env }: ChildOptions) {
    const child = fork(entry, [], {
      // Small defaults that matter with many children: glibc's arenas cost half as much memory again, and a file at a
      // time needs no more than the four threads.
      env: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '4', ...env },
      execArgv: [],
      serialization: 'json',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process = child
    // At once, before it has made its threads: on Linux a priority belongs to a thread and is inherited by later ones.
    if (child.pid !== undefined) this.#lowerPriority(child.pid)

    const ready = Promise.withResolvers<void>()
    this.ready = ready.promise
    const startDeadline = setTimeout(() => this.kill('deadline'), startDeadlineMs)
    const exited = Promise.withResolvers<Exit>()
    this.exited = exited.promise

    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr)
    })
    child.on('message', (sent) => {
      const { data: message, error } = fromChildSchema.safeParse(sent)
      if (!message) {
        this.#question?.reject(
          new KompressorError('internal', `a child's answer is malformed: ${error.message}`),
        )
        this.kill('retired')
        return
      }
      this.#restingRss = message.rss
      if (message.type === 'ready') {
        this.#isReady = true
        clearTimeout(startDeadline)
        ready.resolve()
      } else {
        this.#question?.resolve(message)
      }
    })
    const gone = (code: number | null, signal: NodeJS.Signals | null) => {
      this.#isGone = true
      clearTimeout(startDeadline)
      const { pid, files } = this
      const exit: Exit = { pid, files, code, signal, stderr: this.#stderr, wasReady: this.#isReady }
      if (this.#killedFor) exit.killedFor = this.#killedFor
      this.#question?.reject(new ChildDied(exit))
      exited.resolve(exit)
    }
    child.on('close', gone)
    child.on('error', (error) => {
      // No process came to be, so there will be no close. Any other error is about a process that still has one.
      this.#stderr = `${this.#stderr}${error.message}\n`
      if (child.pid === undefined) gone(null, null)
      else this.kill('retired')
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** It takes files: it has started, and neither ended nor been killed (its end may still be on its way). */
  get isReady(): boolean {
    return this.#isReady && !this.#isGone && this.#killedFor === undefined
  }

  get isStarting(): boolean {
    return !this.#isReady && !this.#isGone && this.#killedFor === undefined
  }

  /** Resident bytes when it last answered. */
  get restingRss(): number {
    return this.#restingRss
  }

  /** Has the child read the file's header. Rejects with the codec's KompressorError or with ChildDied. */
  async measure(request: CompressRequest): Promise<FileFacts> {
    const answer = await this.#ask({ type: 'measure', request })
    if (answer.type === 'measured') return answer.facts
    throw unexpected(answer)
  }

  /** Has the child compress the file it measured last. Rejects with the codec's KompressorError or with ChildDied. */
  async compress(): Promise<Compressed> {
    const answer = await this.#ask({ type: 'compress' })
    if (answer.type === 'compressed') return toCompressed(answer.result)
    throw unexpected(answer)
  }

  /** SIGKILL: a hung encoder hears nothing else, and an idle child has nothing to put in order. The first reason counts. */
  kill(reason: KillReason): void {
    if (this.#isGone) return
    this.#killedFor ??= reason
    this.#process.kill('SIGKILL')
  }

  #lowerPriority(pid: number): void {
    try {
      os.setPriority(pid, niceness)
    } catch (error) {
      // It has ended already; why, its exit will say, and this with it.
      this.#stderr += `${error}\n`
    }
  }

  async #ask(message: ToChild): Promise<FromChild> {
    const question = Promise.withResolvers<FromChild>()
    this.#question = question
    if (this.#isGone) await this.exited.then((exit) => question.reject(new ChildDied(exit)))
    // A pipe that cannot be written to belongs to a child that is no use; its end answers the question.
    else this.#process.send(message, (error) => error && this.kill('retired'))
    return await question.promise
  }
}

function unexpected(answer: FromChild): KompressorError {
  if (answer.type !== 'failed') return new KompressorError('internal', `the child answered ${answer.type}`)
  const error = new KompressorError(answer.error.code, answer.error.message)
  if (answer.error.stack !== undefined) error.stack = answer.error.stack
  return error
}
