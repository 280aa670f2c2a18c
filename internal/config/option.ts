import { toggle, type ValueType } from './value.ts'

/**
 * One option of a command. Made by `option`, `optional`, `required`, `repeated` or `flag`; its name comes from the key
 * it has in the table: `dataDir` is the flag `--data-dir` and the variable `KOMPRESSOR_DATA_DIR`.
 */
export interface Option<T> {
  readonly doc: string
  /** What stands for the value in help: `<duration>`. Empty for a switch. */
  readonly hint: string
  /** One letter: `-o`. */
  readonly short: string | undefined
  readonly kind: 'value' | 'list' | 'switch'
  /** How the default is shown; undefined when there is none. */
  readonly defaultText: string | undefined
  /** Without it the option must be given. */
  readonly fallback: (() => T) | undefined
  /** Messages must not show what was given. */
  readonly isSecret: boolean
  /** From the texts given, never empty and exactly one unless it is a list. Throws a KompressorError that says what is expected. */
  readonly parse: (texts: readonly string[]) => T
}

/** A default that depends on the machine. */
export interface DerivedDefault<T> {
  /** How help and reference name it: `the CPU limit`. */
  text: string
  value: () => T
}

interface Described {
  /** One or two sentences: what it does and when to change it. Units and ranges are added from the type. */
  doc: string
  short?: string
}

function base(described: Described, isSecret = false) {
  return { doc: described.doc, short: described.short, isSecret }
}

function single<T>(type: ValueType<T>) {
  return (texts: readonly string[]) => type.parse(texts.at(-1) ?? '')
}

/** An option with a default. */
export function option<T>(
  type: ValueType<T>,
  described: Described & ({ default: NoInfer<T> } | { derived: DerivedDefault<NoInfer<T>> }),
): Option<T> {
  const source =
    'derived' in described
      ? { text: described.derived.text, value: described.derived.value }
      : { text: type.format(described.default), value: () => described.default }
  return {
    ...base(described, type.isSecret),
    hint: type.hint,
    kind: 'value',
    defaultText: source.text,
    fallback: source.value,
    parse: single(type),
  }
}

/** An option that is undefined unless given. `otherwise` says what happens then. */
export function optional<T>(
  type: ValueType<T>,
  described: Described & { otherwise?: string },
): Option<T | undefined> {
  return {
    ...base(described, type.isSecret),
    hint: type.hint,
    kind: 'value',
    defaultText: described.otherwise,
    fallback: () => undefined,
    parse: single(type),
  }
}

/** An option that must be given. */
export function required<T>(type: ValueType<T>, described: Described): Option<T> {
  return {
    ...base(described, type.isSecret),
    hint: type.hint,
    kind: 'value',
    defaultText: undefined,
    fallback: undefined,
    parse: single(type),
  }
}

/** An option that may be given several times; its variable takes the values separated by commas. Empty unless given. */
export function repeated<T>(type: ValueType<T>, described: Described): Option<readonly T[]> {
  return {
    ...base(described, type.isSecret),
    hint: type.hint,
    kind: 'list',
    defaultText: undefined,
    fallback: () => [],
    parse: (texts) => texts.map((text) => type.parse(text)),
  }
}

/** A switch: `--name` turns it on, `--no-name` off; its variable takes true or false. Off unless `default` says otherwise. */
export function flag(described: Described & { default?: boolean }): Option<boolean> {
  const fallback = described.default ?? false
  return {
    ...base(described),
    hint: '',
    kind: 'switch',
    defaultText: fallback ? 'on' : undefined,
    fallback: () => fallback,
    parse: single(toggle()),
  }
}

/** A table of options by their names in camel case; the order is the order of the help. */
export type Options = Readonly<Record<string, Option<unknown>>>

/** The object a table of options is read into. */
export type ConfigOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never
}

/** Checks a table and keeps its exact type. Tables are put together by spreading. */
export function defineOptions<const O extends Options>(options: O): O {
  return options
}

/** `dataDir` → `--data-dir` */
export function flagName(name: string): string {
  return `--${kebab(name)}`
}

/** `dataDir` → `KOMPRESSOR_DATA_DIR` */
export function variableName(name: string): string {
  return `KOMPRESSOR_${kebab(name).replaceAll('-', '_').toUpperCase()}`
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
