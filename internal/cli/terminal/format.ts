const number = new Intl.NumberFormat('en')
const percentage = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

const units = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

const sized = new Map(
  units.map((unit) => [
    unit,
    [0, 1].map(
      (digits) =>
        new Intl.NumberFormat('en', {
          style: 'unit',
          unit,
          unitDisplay: 'short',
          minimumFractionDigits: digits,
          maximumFractionDigits: digits,
        }),
    ),
  ]),
)

/** A count with its thousands separated. */
export function formatCount(count: number): string {
  return number.format(count)
}

/** Bytes in decimal units (1 kB is 1,000 bytes), as file managers and disks count them: `640 B`, `23.1 MB`. */
export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 1000) return `${bytes} B`
  let value = bytes / 1000
  let index = 0
  // 999.95 kB would round to 1000.0 kB.
  while (Math.abs(value) >= 999.95 && index < units.length - 1) {
    value /= 1000
    index += 1
  }
  const unit = units[index] ?? 'kilobyte'
  return sized.get(unit)?.[Math.abs(value) >= 99.95 ? 0 : 1]?.format(value) ?? `${bytes} B`
}

/** The part of `before` that is gone: `64.2%`; nothing saved of nothing is `0.0%`. */
export function formatSaved(before: number, after: number): string {
  return `${percentage.format(before === 0 ? 0 : ((before - after) / before) * 100)}%`
}

/** A span of time, in milliseconds, for people: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

/** `1 file`, `2 files`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu

/** A file's name as it may be shown on a terminal: control and formatting characters, which could rewrite the screen, are escaped. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}
