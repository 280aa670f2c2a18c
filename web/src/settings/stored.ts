import { useCallback, useState } from 'react'
import { parseSettings, type Settings } from './settings.ts'

const key = 'kompressor.settings'

/** The settings of this browser, remembered from visit to visit. */
export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const [settings, setSettings] = useState(read)
  const change = useCallback((change: Partial<Settings>) => {
    setSettings((before) => {
      const after = parseSettings({ ...before, ...change })
      write(after)
      return after
    })
  }, [])
  return [settings, change]
}

function read(): Settings {
  try {
    return parseSettings(JSON.parse(localStorage.getItem(key) ?? '{}'))
  } catch {
    return parseSettings({})
  }
}

function write(settings: Settings): void {
  try {
    localStorage.setItem(key, JSON.stringify(settings))
  } catch {
    // Storage is forbidden or full: they last as long as the page.
  }
}
