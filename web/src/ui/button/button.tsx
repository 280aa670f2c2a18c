import { createLink } from '@tanstack/react-router'
import type { LucideIcon } from 'lucide-react'
import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { cx } from '../cx.ts'
import './button.css'

interface Looks {
  /** `primary` for the one thing a page is about; `danger` for what cannot be undone. Default `secondary`. */
  kind?: 'primary' | 'secondary' | 'quiet' | 'danger'
  size?: 'small' | 'medium' | 'large'
  icon?: LucideIcon
}

type ButtonProps = Looks & {
  /** Something is going on because of it: it cannot be pressed again, and keeps its size. */
  busy?: boolean
  children: ReactNode
} & ButtonHTMLAttributes<HTMLButtonElement>

export function Button({
  kind,
  size,
  icon,
  busy = false,
  children,
  className,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      className={cx(looks({ kind, size }), busy && 'is-busy', className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      <Content icon={icon}>{children}</Content>
    </button>
  )
}

type AnchorProps = Looks & {
  children?: ReactNode
  ref?: Ref<HTMLAnchorElement>
} & AnchorHTMLAttributes<HTMLAnchorElement>

/** A link that looks like a button, for downloads and other addresses outside the pages. */
export function ButtonAnchor({ kind, size, icon, children, className, ...rest }: AnchorProps) {
  return (
    <a className={cx(looks({ kind, size }), className)} {...rest}>
      <Content icon={icon}>{children}</Content>
    </a>
  )
}

/** A link to another page that looks like a button. */
export const ButtonLink = createLink(ButtonAnchor)

type IconButtonProps = {
  icon: LucideIcon
  /** What it does: read out, and shown when the pointer rests on it. */
  label: string
} & ButtonHTMLAttributes<HTMLButtonElement>

export function IconButton({ icon: Icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button type="button" className={cx('icon-button', className)} aria-label={label} title={label} {...rest}>
      <Icon size={18} aria-hidden />
    </button>
  )
}

function Content({ icon: Icon, children }: { icon?: LucideIcon | undefined; children: ReactNode }) {
  return (
    <>
      {Icon && <Icon size={16} aria-hidden />}
      {children}
    </>
  )
}

function looks({
  kind = 'secondary',
  size = 'medium',
}: {
  kind: Looks['kind'] | undefined
  size: Looks['size'] | undefined
}) {
  return `button button-${kind} button-${size}`
}
