import { useSyncExternalStore } from 'react'

/** The colours a canvas draws with: it knows no custom properties and no light-dark(). */
export interface Ink {
  brand: string
  blue: string
  red: string
  amber: string
  line: string
  text: string
  font: string
}

/** The ink of the theme that is shown. The same object for as long as it is. */
export function useInk(): Ink {
  return useSyncExternalStore(subscribe, current)
}

let known: { key: string; ink: Ink } | undefined

function current(): Ink {
  const probe = document.createElement('span')
  // A colour on its way to the next would be read as the one before.
  probe.style.setProperty('transition', 'none', 'important')
  document.body.append(probe)
  const resolve = (name: string) => {
    probe.style.setProperty('color', `var(${name})`)
    return getComputedStyle(probe).color
  }
  const ink: Ink = {
    brand: resolve('--brand'),
    blue: resolve('--blue'),
    red: resolve('--red'),
    amber: resolve('--amber'),
    line: resolve('--line'),
    text: resolve('--ink-3'),
    font: getComputedStyle(probe).fontFamily,
  }
  probe.remove()
  const key = JSON.stringify(ink)
  if (known?.key !== key) known = { key, ink }
  return known.ink
}

function subscribe(changed: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const chosen = new MutationObserver(changed)
  system.addEventListener('change', changed)
  chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => {
    system.removeEventListener('change', changed)
    chosen.disconnect()
  }
}
