import { Link } from '@tanstack/react-router'
import { Monitor, Moon, Sun } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '../ui/index.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import { Logo } from './logo.tsx'
import { navigation } from './pages.ts'
import { type Theme, useTheme } from './theme.ts'
import './shell.css'

/** What is around every page. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="shell-header">
        <div className="shell-bar">
          <Link to="/" className="shell-brand">
            <Logo />
            Kompressor
          </Link>
          <nav className="shell-nav" aria-label="Pages">
            {navigation.map(({ to, label, icon: Icon, exact = false }) => (
              <Link key={to} to={to} className="shell-tab" activeOptions={{ exact }}>
                <Icon size={18} strokeWidth={1.9} aria-hidden />
                {label}
              </Link>
            ))}
          </nav>
          <ThemeButton />
        </div>
      </header>
      <ConnectionBanner />
      <main id="main" className="shell-main" tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

const themes = {
  system: { icon: Monitor, next: 'light', label: 'Theme: like the system' },
  light: { icon: Sun, next: 'dark', label: 'Theme: light' },
  dark: { icon: Moon, next: 'system', label: 'Theme: dark' },
} as const satisfies Record<Theme, { icon: typeof Sun; next: Theme; label: string }>

function ThemeButton() {
  const [theme, setTheme] = useTheme()
  const { icon, next, label } = themes[theme]
  return <IconButton icon={icon} label={label} className="shell-theme" onClick={() => setTheme(next)} />
}
