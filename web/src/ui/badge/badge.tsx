import type { ReactNode } from 'react'
import { cx } from '../cx.ts'
import './badge.css'

export type Tone = 'good' | 'busy' | 'bad' | 'warn' | 'plain'

/** A short word in a colour. The word alone must say it: colours are not seen by everybody. */
export function Badge({
  tone = 'plain',
  children,
  title,
}: {
  tone?: Tone
  children: ReactNode
  title?: string
}) {
  return (
    <span className={cx('badge', `badge-${tone}`)} title={title}>
      {children}
    </span>
  )
}

const states: Readonly<Record<string, { tone: Tone; label: string }>> = {
  pending: { tone: 'plain', label: 'Waiting for upload' },
  queued: { tone: 'plain', label: 'Queued' },
  processing: { tone: 'busy', label: 'Compressing' },
  completed: { tone: 'good', label: 'Done' },
  failed: { tone: 'bad', label: 'Failed' },
  cancelled: { tone: 'plain', label: 'Cancelled' },
  open: { tone: 'plain', label: 'Open' },
  running: { tone: 'busy', label: 'Running' },
  compressed: { tone: 'good', label: 'Compressed' },
  kept_original: { tone: 'plain', label: 'Kept as it was' },
  skipped: { tone: 'plain', label: 'Skipped' },
}

/** The state of a file or batch, or the outcome of a file, in a word. */
export function StateBadge({ state }: { state: string }) {
  const { tone, label } = states[state] ?? { tone: 'plain' as const, label: state }
  return <Badge tone={tone}>{label}</Badge>
}
