import { parseArgs } from 'node:util'
import { KompressorError } from '../errors/index.ts'
import type { Command } from './command.ts'
import { type ConfigOf, flagName, type Option, type Options, variableName } from './option.ts'
import { suggest } from './suggest.ts'

/** The environment as Node gives it. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Loaded<O extends Options> {
  config: ConfigOf<O>
  positionals: readonly string[]
  /** What looks like a mistake without being one for sure, such as a misspelt variable. To be logged. */
  warnings: readonly string[]
}

/** What was given for an option, and where, for the message when it is wrong. */
interface Given {
  texts: string[]
  /** `--port=x` or `KOMPRESSOR_PORT=x`. */
  shown: string
}

/**
 * Reads a command's options from the command line, then from its variables, then the defaults, into one frozen object.
 *
 * @param argv what follows the command's name
 * @throws KompressorError invalid_configuration, whose message lists every fault
 */
export function loadConfig<O extends Options>(
  command: Command<O>,
  argv: readonly string[],
  env: Environment,
): Loaded<O> {
  const line = readLine(command, argv)
  const faults = [...line.faults]
  const values: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(command.options)) {
    const given = line.given.get(name) ?? readVariable(name, option, env)
    if (given === undefined && option.fallback === undefined) {
      faults.push(`${flagName(name)} (or ${variableName(name)}) is required`)
      continue
    }
    try {
      values[name] = given === undefined ? option.fallback?.() : option.parse(given.texts)
    } catch (error) {
      if (!(error instanceof KompressorError)) throw error
      faults.push(`${given?.shown ?? flagName(name)} ${error.message}`)
    }
  }
  const config = Object.freeze(values) as ConfigOf<O>
  if (faults.length === 0) faults.push(...command.check(config))
  if (faults.length > 0) throw new KompressorError('invalid_configuration', report(command.name, faults))
  return { config, positionals: line.positionals, warnings: misspeltVariables(command.options, env) }
}

/** Whether the command line asks for help instead of a run: `--help` or `-h` in front of any `--`. */
export function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? undefined : end).some((word) => word === '--help' || word === '-h')
}

interface Line {
  given: Map<string, Given>
  positionals: string[]
  faults: string[]
}

type LineSyntax = Pick<Command, 'name' | 'options' | 'positionals'>

function readLine(command: LineSyntax, argv: readonly string[]): Line {
  const names = new Map(Object.keys(command.options).map((name) => [flagName(name), name]))
  const line: Line = { given: new Map(), positionals: [], faults: [] }
  /** The word after a flag that was not understood is taken for its value: one mistake, one fault. */
  let orphan = -1
  for (const token of tokens(command.options, argv)) {
    if (token.kind === 'positional' && token.index !== orphan) line.positionals.push(token.value)
    if (token.kind !== 'option') continue
    const off = token.rawName.startsWith('--no-') && !names.has(token.rawName)
    const flag = off ? token.rawName.replace('--no-', '--') : `--${token.name}`
    const name = names.get(flag)
    const option = name === undefined ? undefined : command.options[name]
    if (name === undefined || option === undefined || (off && option.kind !== 'switch')) {
      const meant = suggest(flag, [...names.keys()])
      line.faults.push(
        `${token.rawName} is not an option of ${command.name}${meant ? `; did you mean ${meant}?` : ''}`,
      )
      orphan = token.index + 1
    } else if (option.kind === 'switch') {
      if (off && token.value !== undefined) line.faults.push(`${token.rawName} takes no value`)
      else line.given.set(name, { texts: [off ? 'false' : (token.value ?? 'true')], shown: token.rawName })
    } else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      line.faults.push(`${flag} needs a value: ${flag} ${option.hint}`)
    } else {
      const earlier = option.kind === 'list' ? (line.given.get(name)?.texts ?? []) : []
      line.given.set(name, { texts: [...earlier, token.value], shown: shown(flag, token.value, option) })
    }
  }
  const { min, max, usage } = command.positionals
  if (line.positionals.length < min) line.faults.push(`${usage} is missing`)
  for (const extra of line.positionals.slice(max)) line.faults.push(`'${extra}' is not expected here`)
  return line
}

/** Node splits the words; what they mean is decided here, so that every fault is found and not only the first. */
function tokens(options: Options, argv: readonly string[]) {
  const declared = Object.entries(options).map(([name, option]) => [
    flagName(name).slice(2),
    {
      type: option.kind === 'switch' ? ('boolean' as const) : ('string' as const),
      ...(option.short === undefined ? {} : { short: option.short }),
    },
  ])
  return parseArgs({
    args: [...argv],
    options: Object.fromEntries(declared),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens
}

/** An empty variable counts as absent: that is how templates and compose files leave one out. */
function readVariable(name: string, option: Option<unknown>, env: Environment): Given | undefined {
  const variable = variableName(name)
  const value = env[variable]
  if (value === undefined || value.trim() === '') return undefined
  const texts = option.kind === 'list' ? value.split(',').map((part) => part.trim()) : [value]
  // Kubernetes puts KOMPRESSOR_PORT=tcp://… into every pod beside a Service named kompressor.
  const link = /^(tcp|udp):\/\//.test(value)
    ? ' (a service link of Kubernetes? Set enableServiceLinks: false)'
    : ''
  return { texts, shown: `${shown(variable, value, option)}${link}` }
}

/** What a message about a value begins with. */
function shown(name: string, value: string, { isSecret }: Option<unknown>): string {
  return isSecret ? name : `${name}=${value}`
}

/** Variables of other commands are no mistake, so only those close to one of this command's are named. */
function misspeltVariables(options: Options, env: Environment): string[] {
  const known = Object.keys(options).map(variableName)
  return Object.keys(env)
    .filter((variable) => variable.startsWith('KOMPRESSOR_') && !known.includes(variable))
    .flatMap((variable) => {
      const meant = suggest(variable, known, 2)
      return meant === undefined ? [] : [`${variable} is not read; did you mean ${meant}?`]
    })
}

function report(command: string, faults: readonly string[]): string {
  const [first = '', ...others] = faults
  const text =
    others.length === 0 ? first : `${faults.length} faults:\n${faults.map((f) => `  ${f}`).join('\n')}`
  return `${text}\nSee: kompressor ${command} --help`
}
