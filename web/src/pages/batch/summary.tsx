import type { ReactNode } from 'react'
import type { BatchModel, Sums } from '../../batch/index.ts'
import { Bytes, Card, cx, Percent, Progress, Stat, Stats, useFormats } from '../../ui/index.ts'
import type { UploadTotals } from '../../uploads/index.ts'

interface SummaryProps {
  model: BatchModel
  uploads: UploadTotals
  isLive: boolean
}

/** What has become of the batch as a whole. */
export function Summary({ model, uploads, isLive }: SummaryProps) {
  const { sums } = model
  const formats = useFormats()
  return (
    <Card className="summary">
      <div className="summary-top">
        <Saved sums={sums} />
        <Stats>
          <Stat label="Files">{formats.count(sums.files)}</Stat>
          <Stat label="Compressed">{formats.count(sums.compressed)}</Stat>
          <Stat label="Kept">{formats.count(sums.kept + sums.skipped)}</Stat>
          <Stat label="Failed">{formats.count(sums.failed)}</Stat>
        </Stats>
      </div>
      <ProgressLine model={model} uploads={uploads} isLive={isLive} />
    </Card>
  )
}

interface FigureProps {
  caption: ReactNode
  /** Whether it is something to be glad about. */
  isGood?: boolean
  children: ReactNode
}

function Figure({ caption, isGood = false, children }: FigureProps) {
  return (
    <div>
      <p className={cx('summary-figure number', !isGood && 'is-none')} data-testid="saved">
        {children}
      </p>
      <p className="summary-caption">{caption}</p>
    </div>
  )
}

/** The number somebody came for. Before there is one, what it will be made of. */
function Saved({ sums }: { sums: Sums }) {
  const { bytesIn, bytesOut, completed, pending, queued, processing, size } = sums
  const saved = bytesIn - bytesOut
  if (saved > 0) {
    return (
      <Figure caption={<SavedOf saved={saved} bytes={bytesIn} />} isGood>
        <Bytes value={saved} />
      </Figure>
    )
  }
  if (completed > 0) return <Figure caption="to save: these files are as small as they get">Nothing</Figure>
  if (pending + queued + processing === 0) return <Figure caption="was saved">Nothing</Figure>
  return (
    <Figure caption="to make smaller">
      <Bytes value={size} />
    </Figure>
  )
}

function SavedOf({ saved, bytes }: { saved: number; bytes: number }) {
  return (
    <>
      saved,{' '}
      <strong>
        <Percent ratio={saved / bytes} />
      </strong>{' '}
      of <Bytes value={bytes} />
    </>
  )
}

function ProgressLine({ model: { batch, sums }, uploads, isLive }: SummaryProps) {
  const formats = useFormats()
  const settled = sums.completed + sums.failed + sums.cancelled
  const open = sums.files - settled
  // Sending is the one half of the way of a file, compressing the other.
  const here = uploads.bytes > 0 ? uploads.sentBytes / uploads.bytes : 0
  const arrived = sums.queued + sums.processing + settled
  const onTheWay = (uploads.files * here) / 2
  const share = sums.files === 0 ? 0 : (settled + (arrived - settled) / 2 + onTheWay) / sums.files
  const text = () => {
    if (batch.state === 'cancelled') return 'Cancelled'
    if (open === 0) return sums.failed > 0 ? `Done, ${formats.count(sums.failed)} failed` : 'Done'
    const parts = [`${formats.count(settled)} of ${formats.count(sums.files)} done`]
    if (uploads.isStuck) parts.push('waiting for the connection')
    else if (uploads.sentBytes < uploads.bytes && uploads.active > 0)
      parts.push(`sending ${formats.bytes(uploads.bytes - uploads.sentBytes)}`)
    else if (uploads.paused > 0) parts.push('paused')
    if (sums.processing > 0) parts.push(`${formats.count(sums.processing)} being compressed`)
    return parts.join(' · ')
  }
  return (
    <div className="summary-progress">
      <Progress value={open === 0 ? 1 : share} label="Progress of the batch" size="thick" />
      <p className="number">
        <span>{text()}</span>
        {!isLive && <span className="summary-away">Reconnecting…</span>}
      </p>
    </div>
  )
}
