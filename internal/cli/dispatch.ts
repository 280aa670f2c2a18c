import { asksForHelp, helpText, suggest } from '../config/index.ts'
import { KompressorError } from '../errors/index.ts'
import { runBucketCommand } from './bucket/command.ts'
import { isBucketUrl } from './bucket/location.ts'
import { isManifestRun, runManifestCommand } from './bucket/manifest-command.ts'
import { commands } from './commands.ts'
import { estimateBucketCommand, estimateCommand } from './estimate/command.ts'
import { jobCommands } from './job/commands.ts'

/** What a command line asks for. */
export type Request =
  | { kind: 'print'; text: string }
  | { kind: 'command'; name: string; argv: readonly string[] }

const shorthand = 'run'

/** Those of the overview: what `job` does is told by its own help. */
const listed = commands.filter(({ name }) => !jobCommands.some((command) => command.name === name))

/**
 * Reads the first words of a command line. A command runs; a path stands for `run`; `--help` and `--version` work
 * anywhere one expects them.
 *
 * @param argv what follows the program's name
 * @param isPath whether something exists at a path
 * @throws KompressorError invalid_configuration: neither a command nor a path
 */
export function dispatch(
  argv: readonly string[],
  { version, isPath }: { version: string; isPath: (path: string) => boolean },
): Request {
  const [word, ...rest] = argv
  if (word === undefined || word === '--help' || word === '-h')
    return { kind: 'print', text: overview(version) }
  if (word === '--version' || word === '-V') return { kind: 'print', text: `${version}\n` }
  if (word === 'help') return helpOn(rest, version)
  const command = commands.find(({ name }) => name === nameOf(word, rest))
  if (command !== undefined) {
    return asksForHelp(rest)
      ? { kind: 'print', text: helpText(command) }
      : { kind: 'command', name: word, argv: rest }
  }
  // An option first, or a path: the command was left out.
  if (word.startsWith('-') || isBucketUrl(word) || isPath(word))
    return dispatch([shorthand, ...argv], { version, isPath })
  throw unknown(word)
}

/** `run` is three commands and `estimate` two: what they take depends on what they read. `job` is one for each thing it does. */
function nameOf(word: string, rest: readonly string[]): string {
  if (word === shorthand) {
    if (rest.some(isManifestRun)) return runManifestCommand.name
    return rest.some(isBucketUrl) ? runBucketCommand.name : word
  }
  if (word === estimateCommand.name && rest.some(isBucketUrl)) return estimateBucketCommand.name
  const name = `${word} ${rest[0]}`
  return jobCommands.some((command) => command.name === name) ? name : word
}

function helpOn([word, ...rest]: readonly string[], version: string): Request {
  if (word === undefined) return { kind: 'print', text: overview(version) }
  const command = commands.find(({ name }) => name === nameOf(word, rest))
  if (command === undefined) throw unknown(word)
  return { kind: 'print', text: helpText(command) }
}

function unknown(word: string): KompressorError {
  const names = listed.map(({ name }) => name)
  const meant = suggest(word, names)
  const hint = meant === undefined ? `commands are ${names.join(', ')}` : `did you mean ${meant}?`
  return new KompressorError(
    'invalid_configuration',
    `${word} is neither a command nor an existing file or folder; ${hint}\nSee: kompressor --help`,
  )
}

function overview(version: string): string {
  const width = Math.max(...listed.map(({ name, positionals }) => `${name} ${positionals.usage}`.length))
  return [
    `kompressor ${version}: smaller images and data, never worse than asked, never bigger.`,
    '',
    'Usage: kompressor <command> [options]',
    '       kompressor PATH… [options]       short for: kompressor run PATH…',
    '',
    'Commands:',
    ...listed.map(
      ({ name, summary, positionals }) => `  ${`${name} ${positionals.usage}`.padEnd(width)}  ${summary}`,
    ),
    '',
    'kompressor <command> --help lists its options. kompressor --version prints the version.',
    'Exit codes: 0 done; 1 something failed; 2 the command line is wrong; 130 interrupted.',
    '',
  ].join('\n')
}
