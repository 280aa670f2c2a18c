import type { HTMLAttributes, ReactNode } from 'react'
import { cx } from '../cx.ts'
import './card.css'

type CardProps = { padded?: boolean } & HTMLAttributes<HTMLElement>

/** A surface that holds one thing. */
export function Card({ padded = true, className, ...rest }: CardProps) {
  return <section className={cx('card', padded && 'card-padded', className)} {...rest} />
}

/** The heading of a page with what can be done there. */
export function PageHeader({
  title,
  lead,
  actions,
}: {
  title: ReactNode
  lead?: ReactNode
  actions?: ReactNode
}) {
  return (
    <header className="page-header">
      <div className="page-header-text">
        <h1>{title}</h1>
        {lead !== undefined && <p>{lead}</p>}
      </div>
      {actions !== undefined && <div className="page-header-actions">{actions}</div>}
    </header>
  )
}

/** Figures side by side, each with its name. */
export function Stats({ children }: { children: ReactNode }) {
  return <dl className="stats">{children}</dl>
}

export function Stat({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="stat">
      <dt>{label}</dt>
      <dd className="number">{children}</dd>
    </div>
  )
}
