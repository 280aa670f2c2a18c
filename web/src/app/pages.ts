import { Activity, Boxes, Layers, type LucideIcon, Minimize2, TriangleAlert } from 'lucide-react'

interface NavigationEntry {
  to: '/' | '/batches' | '/jobs' | '/activity' | '/failed'
  label: string
  icon: LucideIcon
  /** Only this very address counts as being there. */
  exact?: boolean
}

/** What the navigation leads to, in its order. */
export const navigation: readonly NavigationEntry[] = [
  { to: '/', label: 'Compress', icon: Minimize2, exact: true },
  { to: '/batches', label: 'Batches', icon: Layers },
  { to: '/jobs', label: 'Jobs', icon: Boxes },
  { to: '/activity', label: 'Activity', icon: Activity },
  { to: '/failed', label: 'Failed', icon: TriangleAlert },
]
