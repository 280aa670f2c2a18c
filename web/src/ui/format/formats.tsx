import { createContext, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react'
import { createFormats, type Formats } from './format.ts'

const FormatsContext = createContext<Formats | undefined>(undefined)

/** Formats for the languages of the browser, or for those given. */
export function FormatsProvider({ locales, children }: { locales?: readonly string[]; children: ReactNode }) {
  const formats = useMemo(() => createFormats(locales ?? navigator.languages), [locales])
  return <FormatsContext value={formats}>{children}</FormatsContext>
}

export function useFormats(): Formats {
  const formats = useContext(FormatsContext)
  if (formats === undefined) throw new Error('FormatsProvider is missing')
  return formats
}

/** A size: `4.8 MB`, exact in its title. */
export function Bytes({ value }: { value: number }) {
  const formats = useFormats()
  return (
    <span className="number" title={value >= 1000 ? `${formats.count(value)} bytes` : undefined}>
      {formats.bytes(value)}
    </span>
  )
}

/** A share: `66.7%` for 0.667. */
export function Percent({ ratio }: { ratio: number }) {
  return <span className="number">{useFormats().percent(ratio)}</span>
}

/** How long ago something was, kept up to date, with the exact time in its title. */
export function Ago({ at }: { at: string }) {
  const formats = useFormats()
  const now = useNow()
  return (
    <time dateTime={at} title={formats.dateTime(at)}>
      {formats.ago(at, now)}
    </time>
  )
}

/** A point in time: `25 Nov 2026, 22:43`. */
export function DateTime({ at }: { at: string }) {
  return <time dateTime={at}>{useFormats().dateTime(at)}</time>
}

const tickMs = 15_000

/** The time, every 15 s. All that show it move together. */
function useNow(): Date {
  const tick = useSyncExternalStore(subscribeToTicks, currentTick)
  return useMemo(() => new Date(tick * tickMs), [tick])
}

function currentTick(): number {
  return Math.floor(Date.now() / tickMs)
}

function subscribeToTicks(changed: () => void): () => void {
  const timer = setInterval(changed, tickMs)
  return () => clearInterval(timer)
}
