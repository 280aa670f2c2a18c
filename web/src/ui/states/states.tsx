import { CloudOff, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { ApiError } from '../../api/index.ts'
import { Button } from '../button/button.tsx'
import { cx } from '../cx.ts'
import './states.css'

interface EmptyStateProps {
  icon: LucideIcon
  title: string
  /** What it means or how to get something here. */
  children?: ReactNode
  actions?: ReactNode
}

/** Nothing is here, and that is all right. */
export function EmptyState({ icon: Icon, title, children, actions }: EmptyStateProps) {
  return (
    <div className="empty-state">
      <span className="empty-state-icon">
        <Icon size={26} strokeWidth={1.6} aria-hidden />
      </span>
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className="empty-state-actions">{actions}</div>}
    </div>
  )
}

/** Something could not be loaded. Says why, and offers to try again when that may help. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const isAway = error instanceof ApiError && error.code === 'unreachable'
  return (
    <div role="alert">
      <EmptyState
        icon={isAway ? CloudOff : TriangleAlert}
        title={isAway ? 'The service does not answer' : 'This could not be loaded'}
        actions={retry && <Button onClick={retry}>Try again</Button>}
      >
        {isAway
          ? 'It may be starting, or the network is down. This page goes on by itself as soon as it answers.'
          : messageOf(error)}
      </EmptyState>
    </div>
  )
}

/** What is wrong, in words for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A line of importance: `bad` interrupts, the others are read when there is time. */
export function Notice({
  tone = 'info',
  children,
  actions,
}: {
  tone?: 'info' | 'warn' | 'bad'
  children: ReactNode
  actions?: ReactNode
}) {
  return (
    <div className={cx('notice', `notice-${tone}`)} role={tone === 'bad' ? 'alert' : 'status'}>
      <div className="notice-text">{children}</div>
      {actions}
    </div>
  )
}

/** Stands where something is loaded, in the size it will have. */
export function Skeleton({ width = '100%', height = '1em' }: { width?: string; height?: string }) {
  return <span className="skeleton" style={{ width, height }} aria-hidden />
}
