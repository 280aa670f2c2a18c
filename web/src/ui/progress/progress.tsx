import { cx } from '../cx.ts'
import './progress.css'

interface ProgressProps {
  /** 0 to 1. */
  value: number
  /** What makes progress, for who cannot see the bar. */
  label: string
  tone?: 'brand' | 'blue' | 'red'
  size?: 'thin' | 'thick'
}

export function Progress({ value, label, tone = 'brand', size = 'thin' }: ProgressProps) {
  const share = Math.min(1, Math.max(0, value))
  return (
    <div
      className={cx('progress', `progress-${tone}`, `progress-${size}`)}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share * 100)}
    >
      <div className="progress-fill" style={{ transform: `scaleX(${share})` }} />
    </div>
  )
}
