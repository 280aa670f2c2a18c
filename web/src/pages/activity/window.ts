import type { Activity } from './use-activity.ts'

export type ActivityWindow = Activity['window']

/** How far one can look back, and how often what is shown is looked up again, in milliseconds. */
export const windows = [
  { value: '15m', label: '15 min', words: 'the last 15 minutes', refreshMs: 2500 },
  { value: '1h', label: '1 h', words: 'the last hour', refreshMs: 5000 },
  { value: '6h', label: '6 h', words: 'the last 6 hours', refreshMs: 15_000 },
  { value: '24h', label: '24 h', words: 'the last 24 hours', refreshMs: 30_000 },
  { value: '7d', label: '7 days', words: 'the last 7 days', refreshMs: 60_000 },
] as const satisfies { value: ActivityWindow; label: string; words: string; refreshMs: number }[]

export function readWindow(given: Record<string, unknown>): { window?: ActivityWindow } {
  const known = windows.find(({ value }) => value === given.window)
  return known === undefined ? {} : { window: known.value }
}
