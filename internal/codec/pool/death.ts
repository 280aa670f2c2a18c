import { KompressorError } from '../../errors/index.ts'

/** Why this process killed a child. */
export type KillReason = 'deadline' | 'memory' | 'cancelled' | 'closing' | 'retired'

/** How a child ended. */
export interface Exit {
  pid: number | undefined
  /** Files it had finished. */
  files: number
  code: number | null
  signal: NodeJS.Signals | null
  /** The end of what it wrote to stderr. */
  stderr: string
  /** False when it never got as far as taking files. */
  wasReady: boolean
  /** Absent when it ended of itself or by another's hand. */
  killedFor?: KillReason
}

/** What a question to a child rejects with when the child ends; `deathOf` says what that means for its file. */
export class ChildDied extends Error {
  readonly exit: Exit

  constructor(exit: Exit) {
    super(`child ${exit.pid} ended with ${describe(exit)}`)
    this.exit = exit
  }
}

/** What V8 and C++ say on stderr before they abort for want of memory. */
const outOfMemory = /heap out of memory|bad_alloc|Cannot allocate memory|out of memory/i

/** The error of the file a child died on. `deadlineMs` is the one that was set when the child was killed for it. */
export function deathOf(name: string, died: ChildDied, deadlineMs: number): KompressorError {
  const { exit } = died
  const fail = (code: 'codec_out_of_memory' | 'codec_crashed', what: string) =>
    new KompressorError(code, `${name}: ${what}`, { cause: died })
  switch (exit.killedFor) {
    case 'deadline':
      return new KompressorError('codec_timeout', `${name} was not done after ${deadlineMs} ms`, {
        cause: died,
      })
    case 'cancelled':
      return cancelled(name, died)
    case 'closing':
      return shuttingDown(name, died)
    case 'memory':
      return fail('codec_out_of_memory', 'its process was ended because little memory remained')
    case 'retired':
      return fail('codec_crashed', 'its process could not be spoken to any more')
    case undefined:
  }
  // Nobody here sent it, so it was the kernel's, which ends processes in this way when memory runs out.
  if (exit.signal === 'SIGKILL') return fail('codec_out_of_memory', 'its process was killed by the system')
  if (outOfMemory.test(exit.stderr)) return fail('codec_out_of_memory', 'its process could not get memory')
  const said = lastLine(exit.stderr)
  return fail('codec_crashed', `its process ended with ${describe(exit)}${said && `: ${said}`}`)
}

export function cancelled(name: string, cause?: unknown): KompressorError {
  return new KompressorError('cancelled', `${name} was cancelled`, { cause })
}

export function shuttingDown(name: string, cause?: unknown): KompressorError {
  return new KompressorError('shutting_down', `${name} was not compressed: the process is stopping`, {
    cause,
  })
}

function describe({ code, signal }: Exit): string {
  if (signal !== null) return `signal ${signal}`
  return code === null ? 'no process' : `exit code ${code}`
}

/** Node ends its reports with its own version; what went wrong is the line that names an error, else the last. */
function lastLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('Node.js v'))
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? '').trim().slice(0, 300)
}
