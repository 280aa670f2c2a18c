import type { ReactNode } from 'react'
import { useFormats } from '../../ui/index.ts'
import type { Activity } from './use-activity.ts'

/** The sums of the window. */
export function Figures({ activity }: { activity: Activity }) {
  const formats = useFormats()
  const { open, total } = activity
  const { completed, failed, retried, bytes, latencyMs } = total
  const ended = completed + failed
  return (
    <dl className="activity-figures">
      <Figure label="Files done" note={retried > 0 && `${formats.count(retried)} attempts repeated`}>
        {formats.count(completed)}
      </Figure>
      <Figure
        label="Saved"
        note={bytes.in > 0 && `${formats.percent(bytes.saved / bytes.in)} of ${formats.bytes(bytes.in)}`}
      >
        {formats.bytes(Math.max(0, bytes.saved))}
      </Figure>
      <Figure
        label="Failed"
        note={ended > 0 && `${formats.percent(failed / ended)} of ${formats.count(ended)}`}
      >
        {formats.count(failed)}
      </Figure>
      <Figure label="Typical time" note={latencyMs && `95% within ${formats.duration(latencyMs.p95)}`}>
        {latencyMs ? formats.duration(latencyMs.p50) : '–'}
      </Figure>
      <Figure label="In the queue now" note={open > 0 && 'waiting or in work'}>
        {formats.count(open)}
      </Figure>
    </dl>
  )
}

function Figure({
  label,
  note,
  children,
}: {
  label: string
  note?: string | false | undefined
  children: ReactNode
}) {
  return (
    <div className="card activity-figure">
      <dt>{label}</dt>
      <dd className="number">
        {children}
        {/* Its room is kept, so that nothing jumps when it comes. */}
        <span className="activity-note">{note || '\u00a0'}</span>
      </dd>
    </div>
  )
}
