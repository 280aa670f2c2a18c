import { KompressorError } from '../errors/index.ts'

/** How one value is written and read. */
export interface ValueType<T> {
  /** Stands for the value in help: `<duration>`. */
  readonly hint: string
  /** Throws a KompressorError (invalid_configuration) whose message says what is expected: "must be …". */
  parse(text: string): T
  /** The shortest text that `parse` reads back. */
  format(value: T): string
  /** A value nobody but the process may see: messages name the option and leave it out. */
  readonly isSecret?: boolean
}

function fault(expected: string): KompressorError {
  return new KompressorError('invalid_configuration', `must be ${expected}`)
}

/** Any text but the empty one. */
export function text(hint = '<text>'): ValueType<string> {
  return {
    hint,
    parse: (given) => {
      if (given === '' || given.includes('\0')) throw fault('text that is not empty')
      return given
    },
    format: (value) => value,
  }
}

/** Text that must not appear anywhere: a password, or a URL with one. */
export function secret(hint = '<secret>'): ValueType<string> {
  return { ...text(hint), isSecret: true }
}

/** A `postgres://` URL. It holds a password, so it is a secret. */
export function postgresUrl(): ValueType<string> {
  return {
    ...secret('<url>'),
    parse: (given) => {
      const parsed = URL.parse(given)
      if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
        throw fault('a URL such as postgres://user:password@db.example.com:5432/kompressor')
      }
      return given
    },
  }
}

/** Several values separated by commas, at least one, each once. */
export function listOf<T>(type: ValueType<T>): ValueType<readonly [T, ...T[]]> {
  return {
    hint: `${type.hint},…`,
    parse: (given) => {
      const values = given
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map((part) => type.parse(part))
      const [first, ...others] = new Set(values)
      if (first === undefined) throw fault('at least one value; several are separated by commas')
      return [first, ...others]
    },
    format: (values) => values.map((value) => type.format(value)).join(','),
    ...(type.isSecret && { isSecret: true }),
  }
}

/** A name of a job: it stands in names of topics, groups and resources of Kubernetes. */
export function jobName(): ValueType<string> {
  return {
    ...text('<name>'),
    parse: (given) => {
      if (!/^[a-z0-9](?:[a-z0-9-]{0,43}[a-z0-9])?$/.test(given)) {
        throw fault('at most 45 lower-case letters, digits and inner hyphens')
      }
      return given
    },
  }
}

/** A path, kept as it is given: relative ones mean the working directory. */
export function path(hint = '<path>'): ValueType<string> {
  const any = text(hint)
  return {
    ...any,
    parse: (given) => {
      if (given === '' || given.includes('\0')) throw fault('a path')
      return given
    },
  }
}

/** A whole number between `min` and `max`, both included. */
export function integer(range: { min: number; max: number }): ValueType<number> {
  return {
    hint: '<number>',
    parse: (given) => {
      const value = /^[+-]?\d+$/.test(given.trim()) ? Number(given) : Number.NaN
      if (!(value >= range.min && value <= range.max)) {
        throw fault(`a whole number from ${range.min} to ${range.max}`)
      }
      return value
    },
    format: String,
  }
}

/** One of the given words, read in any case. */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T): ValueType<T[number]> {
  return {
    hint: words.join('|'),
    parse: (given) => {
      const word = words.find((candidate) => candidate.toLowerCase() === given.trim().toLowerCase())
      if (word === undefined) throw fault(`one of ${words.join(', ')}`)
      return word
    },
    format: String,
  }
}

/** true or false, also written yes/no, on/off, 1/0. */
export function toggle(): ValueType<boolean> {
  const on = ['true', 'yes', 'on', '1']
  const off = ['false', 'no', 'off', '0']
  return {
    hint: 'true|false',
    parse: (given) => {
      const word = given.trim().toLowerCase()
      if (!on.includes(word) && !off.includes(word)) throw fault('true or false')
      return on.includes(word)
    },
    format: String,
  }
}

/** An http or https URL without query and fragment, returned without a slash at its end. */
export function url(): ValueType<string> {
  return {
    hint: '<url>',
    parse: (given) => {
      const parsed = URL.canParse(given) ? new URL(given) : undefined
      const usable =
        parsed !== undefined &&
        /^https?:$/.test(parsed.protocol) &&
        parsed.search === '' &&
        parsed.hash === '' &&
        parsed.username === ''
      if (!usable) throw fault('an http or https URL such as https://files.example.com')
      return parsed.href.replace(/\/+$/, '')
    },
    format: (value) => value,
  }
}

/** A bucket anywhere. */
export interface BucketAddress {
  endpoint: string
  bucket: string
  region?: string
  /** Put before every key. */
  prefix?: string
}

/**
 * A bucket by the URL of its endpoint with its name behind: `https://s3.eu-west-1.amazonaws.com/name?region=eu-west-1`.
 *
 * @param withPrefix whether it may say `prefix=` too
 */
export function bucketUrl({ withPrefix = false } = {}): ValueType<BucketAddress> {
  const names = withPrefix ? ['region', 'prefix'] : ['region']
  return {
    hint: '<url>',
    parse: (given) => {
      const parsed = URL.canParse(given) ? new URL(given) : undefined
      const [, bucket = ''] = /^\/([a-z0-9][a-z0-9.-]{1,62})\/?$/.exec(parsed?.pathname ?? '') ?? []
      const region = parsed?.searchParams.get('region')
      const usable = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username === ''
      const prefix = parsed?.searchParams.get('prefix')
      const known = [...(parsed?.searchParams.keys() ?? [])].every((name) => names.includes(name))
      if (!usable || !known || bucket === '' || region === '') {
        throw fault(
          'the URL of a bucket such as https://s3.eu-west-1.amazonaws.com/my-bucket?region=eu-west-1',
        )
      }
      return {
        endpoint: parsed.origin,
        bucket,
        ...(typeof region === 'string' && { region }),
        ...(typeof prefix === 'string' && { prefix }),
      }
    },
    format: ({ endpoint, bucket, region, prefix }) => {
      const given = Object.entries({ region, prefix }).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
      )
      return `${endpoint}/${bucket}${given.length === 0 ? '' : `?${given.join('&')}`}`
    },
  }
}

interface Unit {
  name: string
  /** In the unit the value is kept in. */
  factor: number
}

interface Scale {
  hint: string
  /** In falling order of factor; the last one has the factor 1. The first of equal factors is the one shown. */
  units: readonly Unit[]
  example: string
}

interface Range {
  min?: number
  max?: number
}

const seconds = 1000
const durations: Scale = {
  hint: '<duration>',
  units: [
    { name: 'd', factor: 86_400 * seconds },
    { name: 'h', factor: 3600 * seconds },
    { name: 'm', factor: 60 * seconds },
    { name: 's', factor: seconds },
    { name: 'ms', factor: 1 },
  ],
  example: '30d, 12h, 5m, 10s or 250ms',
}

const sizes: Scale = {
  hint: '<size>',
  units: [
    { name: 'TiB', factor: 1024 ** 4 },
    { name: 'Ti', factor: 1024 ** 4 },
    { name: 'TB', factor: 1000 ** 4 },
    { name: 'GiB', factor: 1024 ** 3 },
    { name: 'Gi', factor: 1024 ** 3 },
    { name: 'GB', factor: 1000 ** 3 },
    { name: 'MiB', factor: 1024 ** 2 },
    { name: 'Mi', factor: 1024 ** 2 },
    { name: 'MB', factor: 1000 ** 2 },
    { name: 'KiB', factor: 1024 },
    { name: 'Ki', factor: 1024 },
    { name: 'kB', factor: 1000 },
    { name: 'B', factor: 1 },
  ],
  example: '5GiB, 500MB or 4096B',
}

const pixelCounts: Scale = {
  hint: '<pixels>',
  units: [
    { name: 'MP', factor: 1_000_000 },
    { name: 'px', factor: 1 },
  ],
  example: '50MP',
}

/** A duration in milliseconds, written with its unit: 30d, 12h, 5m, 10s, 250ms. Limits in milliseconds. */
export function duration(range: Range = {}): ValueType<number> {
  return scaled(durations, range)
}

/** A number of bytes, written with its unit: 5GiB (binary), 5GB (decimal), 5Gi as in Kubernetes. Limits in bytes. */
export function size(range: Range = {}): ValueType<number> {
  return scaled(sizes, range)
}

/** A number of pixels, written with its unit: 50MP. Limits in pixels. */
export function pixels(range: Range = {}): ValueType<number> {
  return scaled(pixelCounts, range)
}

/** Values with a unit. The unit is required: 30 alone could be days to one reader and seconds to another. */
function scaled(scale: Scale, { min = 0, max = Number.MAX_SAFE_INTEGER }: Range): ValueType<number> {
  const format = (value: number): string => {
    const unit = scale.units.find(({ factor }) => value !== 0 && value % factor === 0) ?? scale.units.at(-1)
    return unit === undefined ? String(value) : `${value / unit.factor}${unit.name}`
  }
  return {
    hint: scale.hint,
    parse: (given) => {
      const [, digits, name] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(given.trim()) ?? []
      const unit = scale.units.find((candidate) => candidate.name.toLowerCase() === name?.toLowerCase())
      if (digits === undefined || unit === undefined) {
        throw fault(`a number with its unit, such as ${scale.example}`)
      }
      const value = Math.round(Number(digits) * unit.factor)
      if (value < min) throw fault(`at least ${format(min)}`)
      if (value > max) throw fault(`at most ${format(max)}`)
      return value
    },
    format,
  }
}
