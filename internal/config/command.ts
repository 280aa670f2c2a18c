import type { ConfigOf, Options } from './option.ts'

/** What stands on a command line besides options. */
export interface Positionals {
  /** As shown in the usage line: `PATH…`. */
  usage: string
  /** How many are accepted. */
  min: number
  max: number
}

/** One command of the command line, with everything its help and the reference say about it. */
export interface Command<O extends Options = Options> {
  readonly name: string
  /** One sentence, without a full stop at its end. */
  readonly summary: string
  readonly options: O
  readonly positionals: Positionals
  /** Command lines worth showing, each with what it does. */
  readonly examples: readonly { line: string; does: string }[]
  /** What must hold between options; each fault is a sentence that names the flags. Called only when every option parses. */
  readonly check: (config: ConfigOf<O>) => readonly string[]
}

const none: Positionals = { usage: '', min: 0, max: 0 }

/**
 *     const inspect = defineCommand({
 *       name: 'inspect',
 *       summary: 'Say what a file is and what would be done with it',
 *       positionals: { usage: 'FILE', min: 1, max: 1 },
 *       options: defineOptions({ json: flag({ doc: 'Write JSON.' }) }),
 *     })
 *     const { config, positionals } = loadConfig(inspect, ['photo.jpg', '--json'], process.env)
 */
export function defineCommand<const O extends Options>(
  command: Pick<Command<O>, 'name' | 'summary' | 'options'> & Partial<Command<O>>,
): Command<O> {
  return { positionals: none, examples: [], check: () => [], ...command }
}
