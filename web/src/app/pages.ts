import { type LucideIcon, Minimize2 } from 'lucide-react'

interface NavigationEntry {
  to: '/'
  label: string
  icon: LucideIcon
  /** Only this very address counts as being there. */
  exact?: boolean
}

/** What the navigation leads to, in its order. */
export const navigation: readonly NavigationEntry[] = [
  { to: '/', label: 'Compress', icon: Minimize2, exact: true },
]
