/** Numbers, sizes and times as people of a locale write them. */
export interface Formats {
  /** `12,345` */
  count(value: number): string
  /** `4.8 MB`: powers of 1,000, three digits. */
  bytes(value: number): string
  /** `66.7%` for 0.667; never `100%` for less than all, never `0%` for more than nothing. */
  percent(ratio: number): string
  /** `67%` for 0.667: for what nobody compares. */
  wholePercent(ratio: number): string
  /** `75.6`: a quality score. */
  score(value: number): string
  /** `12.5` with at most that many digits behind the point. */
  decimal(value: number, digits?: 0 | 1): string
  /** `25 Nov 2026, 22:43` */
  dateTime(at: Date | string | number): string
  /** `22:43:10` */
  time(at: Date | string | number): string
  /** `22:43` */
  clock(at: Date | string | number): string
  /** `Wed 25 Nov` */
  day(at: Date | string | number): string
  /** `3 minutes ago` */
  ago(at: Date | string | number, now: Date): string
  /** `1 min 20 s`, rounded to two units. */
  duration(milliseconds: number): string
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

export function createFormats(locales: readonly string[]): Formats {
  const tags = [...locales]
  const number = (options: Intl.NumberFormatOptions) => once(() => new Intl.NumberFormat(tags, options))
  const date = (options: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(tags, options))
  const unit = (name: string, options: Intl.NumberFormatOptions = {}) =>
    number({ style: 'unit', unit: name, unitDisplay: 'short', ...options })
  const count = number({ maximumFractionDigits: 0 })
  const oneDigit = number({ minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const sizes = byteUnits.map((name) =>
    // Short, it would be `24 byte`.
    unit(name, { maximumSignificantDigits: 3, unitDisplay: name === 'byte' ? 'long' : 'short' }),
  )
  const decimals = [count, number({ maximumFractionDigits: 1 })] as const
  const share = number({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const wholeShare = number({ style: 'percent', maximumFractionDigits: 0 })
  const dateTime = date({ dateStyle: 'medium', timeStyle: 'short' })
  const time = date({ timeStyle: 'medium' })
  const clock = date({ hour: '2-digit', minute: '2-digit' })
  const day = date({ weekday: 'short', day: 'numeric', month: 'short' })
  const relative = once(() => new Intl.RelativeTimeFormat(tags, { numeric: 'auto' }))
  const parts = {
    h: unit('hour'),
    min: unit('minute'),
    s: unit('second'),
    fraction: unit('second', { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    ms: unit('millisecond', { maximumFractionDigits: 0 }),
  }

  return {
    count: (value) => count().format(value),
    bytes(value) {
      const magnitude = Math.abs(value)
      let power = magnitude < 1000 ? 0 : Math.floor(Math.log10(magnitude) / 3)
      // 999,950 would be written as 1,000 kB.
      if (Number((magnitude / 1000 ** power).toPrecision(3)) >= 1000) power += 1
      power = Math.min(power, sizes.length - 1)
      return sizes[power]?.().format(value / 1000 ** power) ?? count().format(value)
    },
    percent(ratio) {
      if (ratio === 0 || ratio === 1 || Math.abs(ratio) >= 10) return wholeShare().format(ratio)
      const tenth = Math.round(ratio * 1000) / 1000
      if (tenth === 0) return `${ratio > 0 ? '<' : '>'} ${share().format(ratio > 0 ? 0.001 : -0.001)}`
      return share().format(ratio < 1 ? Math.min(tenth, 0.999) : tenth)
    },
    wholePercent: (ratio) => wholeShare().format(ratio),
    score: (value) => oneDigit().format(value),
    decimal: (value, digits = 1) => decimals[digits]().format(value),
    dateTime: (at) => dateTime().format(new Date(at)),
    time: (at) => time().format(new Date(at)),
    clock: (at) => clock().format(new Date(at)),
    day: (at) => day().format(new Date(at)),
    ago(at, now) {
      // Clocks differ: what has happened is never in the future.
      const seconds = Math.min(0, (new Date(at).getTime() - now.getTime()) / 1000)
      const [name, size] = relativeUnits.find(([, from]) => Math.abs(seconds) >= from) ?? ['second', 1]
      return relative().format(Math.round(seconds / size), name)
    },
    duration(milliseconds) {
      if (milliseconds < 1000) return parts.ms().format(milliseconds)
      if (milliseconds < 10_000) return parts.fraction().format(milliseconds / 1000)
      const seconds = Math.round(milliseconds / 1000)
      if (seconds < 60) return parts.s().format(seconds)
      if (seconds < 3600) return pair(parts.min().format(Math.floor(seconds / 60)), seconds % 60, parts.s())
      const minutes = Math.round(seconds / 60)
      return pair(parts.h().format(Math.floor(minutes / 60)), minutes % 60, parts.min())
    },
  }
}

const relativeUnits: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

function pair(large: string, rest: number, small: Intl.NumberFormat): string {
  return rest === 0 ? large : `${large} ${small.format(rest)}`
}

/** Makes something when it is first needed: a formatter takes milliseconds to make, and a page needs few of them. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
