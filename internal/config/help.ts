import type { Command } from './command.ts'
import { flagName, type Option, type Options, variableName } from './option.ts'

type Described = Pick<Command, 'name' | 'summary' | 'options' | 'positionals' | 'examples'>

/** What `kompressor NAME --help` prints. */
export function helpText(command: Described): string {
  const usage = ['kompressor', command.name, command.positionals.usage, '[options]'].filter(Boolean).join(' ')
  const options = Object.entries(command.options).map(([name, option]) => helpOf(name, option))
  return [
    `${command.summary}.`,
    `Usage: ${usage}`,
    ['Options:', ...options, `  -h, --help\n      This text.`].join('\n'),
    ...(command.examples.length === 0
      ? []
      : [['Examples:', ...command.examples.map(exampleLine)].join('\n')]),
    'Every option has a variable: --some-name is KOMPRESSOR_SOME_NAME. The command line wins.\n',
  ].join('\n\n')
}

/** `--port <number>`; a switch that is on by default shows how to turn it off: `--[no-]colour`. */
function shownFlag(name: string, option: Option<unknown>): string {
  const flag = flagName(name)
  if (option.kind === 'switch') return option.defaultText === undefined ? flag : flag.replace('--', '--[no-]')
  return `${flag} ${option.hint}`
}

function exampleLine({ line, does }: { line: string; does: string }): string {
  return `  ${line}\n      ${does}`
}

function helpOf(name: string, option: Option<unknown>): string {
  const flag = [option.short && `-${option.short},`, shownFlag(name, option)].filter(Boolean).join(' ')
  return `  ${flag}\n${wrap(`${option.doc} ${defaultNote(option)}`.trim(), 94, '      ')}`
}

function defaultNote(option: Option<unknown>): string {
  const repeats = option.kind === 'list' ? 'May be repeated. ' : ''
  if (option.fallback === undefined) return `${repeats}Required.`
  return option.defaultText === undefined ? repeats : `${repeats}Default: ${option.defaultText}.`
}

function wrap(text: string, width: number, indent: string): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => `${indent}${line}`).join('\n')
}

/** The reference of every command's options in Markdown. */
export function configurationReference(commands: readonly Described[]): string {
  return [
    '# Configuration',
    '<!-- Generated from internal/config by `npm run generate`. -->',
    'Every option is a flag and a variable: `--some-name` is `KOMPRESSOR_SOME_NAME`. The command line wins over the variable, ' +
      'the variable over the default; an empty variable counts as absent. A process reads them once, when it starts, and ' +
      'lists every fault it finds before it refuses to run.',
    '| written as | means |\n| --- | --- |\n' +
      '| `<duration>` | a number with its unit: `30d`, `12h`, `5m`, `10s`, `250ms` |\n' +
      '| `<size>` | bytes with their unit: `5GiB` or `5Gi` (1024³), `5GB` (1000³), `4096B` |\n' +
      '| `<pixels>` | pixels with their unit: `50MP` is 50 million |\n' +
      '| a switch | `--name` turns it on, `--no-name` off; the variable takes `true` or `false` |\n' +
      '| a list | the flag is repeated; the variable takes the values separated by commas |',
    ...commands.map(section),
    '## OpenTelemetry\n\n' +
      'The `OTEL_*` variables keep their meaning. Traces are sent when `OTEL_EXPORTER_OTLP_ENDPOINT`, ' +
      '`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or `OTEL_TRACES_EXPORTER` is set; otherwise the SDK is not even loaded.',
    '## On Kubernetes\n\n' +
      'Beside a Service named `kompressor`, Kubernetes puts `KOMPRESSOR_PORT=tcp://…` into every pod. Set ' +
      '`enableServiceLinks: false`, or the port is refused.\n',
  ].join('\n\n')
}

function section(command: Described): string {
  const usage = ['kompressor', command.name, command.positionals.usage].filter(Boolean).join(' ')
  const options = Object.keys(command.options).length === 0 ? '' : `\n\n${table(command.options)}`
  return `## \`${usage}\`\n\n${command.summary}.${options}`
}

function table(options: Options): string {
  const rows = Object.entries(options).map(([name, option]) => {
    const flags = [
      option.short && `-${option.short}`,
      [flagName(name), option.hint].filter(Boolean).join(' '),
    ]
    const cells = [
      flags.filter(Boolean).map(code).join(', '),
      code(variableName(name)),
      prose(option.fallback === undefined ? 'required' : (option.defaultText ?? '')),
      prose(option.doc),
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return ['| flag | variable | default | what it does |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** A placeholder such as <folder> outside of code would be taken for HTML. */
function prose(text: string): string {
  return text.replaceAll('<', '&lt;')
}

function code(text: string | undefined): string {
  return `\`${text}\``
}
