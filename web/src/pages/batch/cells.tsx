import { useMutation } from '@tanstack/react-query'
import { Download, FileText, Image, Pause, Play, RotateCcw, X } from 'lucide-react'
import { useState } from 'react'
import { dataOf, useApi } from '../../api/index.ts'
import { type Row, type RowResult, whyFailed, whyKept, whyNotSent } from '../../batch/index.ts'
import { isPicture, Thumbnail } from '../../compare/index.ts'
import {
  Badge,
  Bytes,
  cx,
  IconButton,
  messageOf,
  Percent,
  Progress,
  StateBadge,
  useFormats,
  useToast,
} from '../../ui/index.ts'
import { type UploadItem, useUploads } from '../../uploads/index.ts'

interface CellProps {
  row: Row
}

const pictureName = /\.(jpe?g|png|webp|avif|gif|tiff?|hei[cf])$/i

/** Name and, on small screens, everything else in a second line. */
export function NameCell({ row, onShow }: CellProps & { onShow?: (() => void) | undefined }) {
  const upload = useUploads().item(row.id)
  const Icon = pictureName.test(row.name) ? Image : FileText
  return (
    <div className="name-cell">
      <span className="name-cell-picture">
        {isPicture(row) ? <Thumbnail row={row} /> : <Icon size={18} strokeWidth={1.6} aria-hidden />}
      </span>
      <span className="name-cell-text">
        {onShow === undefined ? (
          <span className="name-cell-name" title={row.name}>
            {row.name}
          </span>
        ) : (
          <button type="button" className="name-cell-name row-link" title={row.name} onClick={onShow}>
            {row.name}
            <span className="visually-hidden">: compare before and after</span>
          </button>
        )}
        <span className="name-cell-note">
          <Note row={row} upload={upload} />
        </span>
      </span>
    </div>
  )
}

/** What more there is to say than the state. */
function Note({ row, upload }: CellProps & { upload: UploadItem | undefined }) {
  const why = useWhy(row, upload)
  if (upload?.phase === 'sending' && upload.size > 0) {
    return (
      <span className="name-cell-upload">
        <Progress value={upload.sent / upload.size} label={`Upload of ${row.name}`} tone="blue" />
      </span>
    )
  }
  return (
    <>
      {why !== undefined && <span className={cx('only-narrow', why.isBad && 'is-bad')}>{why.text}</span>}
      <span className={cx(why !== undefined && 'only-wide')}>
        <Details row={row} />
      </span>
    </>
  )
}

interface Why {
  text: string
  isBad: boolean
}

/** Why a file is not simply on its way or done, in words. */
function useWhy(row: Row, upload: UploadItem | undefined): Why | undefined {
  const formats = useFormats()
  const { state, result, error, retryAt } = row
  if (upload?.phase === 'failed' && upload.error) return { text: whyNotSent(upload.error), isBad: true }
  if (state === 'failed' && error) return { text: whyFailed(error), isBad: true }
  if (state === 'queued' && retryAt !== undefined) {
    return { text: `Did not work, is tried again at ${formats.time(retryAt)}.`, isBad: false }
  }
  const kept = result && whyKept(result)
  return kept === undefined ? undefined : { text: kept, isBad: false }
}

/** What a file is, before or after. */
function Details({ row: { result, size } }: CellProps) {
  if (result?.output !== undefined) {
    return (
      <>
        <span className="only-narrow">
          <Bytes value={result.bytesIn} /> → <Bytes value={result.bytesOut} />
        </span>
        <span className="only-wide">
          <Made output={result.output} />
        </span>
      </>
    )
  }
  if (size === undefined) return null
  return (
    <span className="only-narrow">
      <Bytes value={size} />
    </span>
  )
}

const types: Readonly<Record<string, string>> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/avif': 'AVIF',
  'image/gif': 'GIF',
  'image/tiff': 'TIFF',
}

function Made({ output }: { output: NonNullable<RowResult['output']> }) {
  const formats = useFormats()
  const { type, width, height, quality, score, name } = output
  const parts = [
    types[type] ?? name.slice(name.lastIndexOf('.')),
    width !== undefined && height !== undefined && `${width} × ${height}`,
    quality !== undefined && `quality ${formats.decimal(quality, 0)}`,
    score !== undefined && `score ${formats.score(score)}`,
  ]
  return <span className="number">{parts.filter(Boolean).join(' · ')}</span>
}

export function StateCell({ row }: CellProps) {
  const upload = useUploads().item(row.id)
  const why = useWhy(row, upload)
  return (
    <span className="state-cell">
      <State row={row} upload={upload} />
      {why !== undefined && (
        <span className={cx('state-cell-why', why.isBad && 'is-bad')} title={why.text}>
          {why.text}
        </span>
      )}
    </span>
  )
}

function State({ row, upload }: CellProps & { upload: UploadItem | undefined }) {
  if (upload !== undefined && row.state === 'pending') return <UploadBadge upload={upload} />
  if (row.state === 'completed' && row.result) return <StateBadge state={row.result.outcome} />
  return <StateBadge state={row.state} />
}

function UploadBadge({ upload }: { upload: UploadItem }) {
  switch (upload.phase) {
    case 'waiting':
      return upload.failures > 0 ? <Badge tone="warn">Waiting for connection</Badge> : <Badge>Waiting</Badge>
    case 'sending':
      return <Badge tone="busy">Uploading</Badge>
    case 'paused':
      return <Badge tone="warn">Paused</Badge>
    case 'sent':
      return <Badge tone="busy">Uploaded</Badge>
    case 'failed':
      return <Badge tone="bad">Upload failed</Badge>
  }
}

export function SizeCell({ row: { result, size } }: CellProps) {
  if (result === undefined) return size === undefined ? null : <Bytes value={size} />
  const { outcome, bytesIn, bytesOut } = result
  if (outcome !== 'compressed') return <Bytes value={bytesIn} />
  return (
    <span className="size-cell">
      <s>
        <Bytes value={bytesIn} />
      </s>{' '}
      <strong>
        <Bytes value={bytesOut} />
      </strong>
      <span className="size-bar" aria-hidden>
        <span className="size-bar-left" style={{ width: `${(100 * bytesOut) / bytesIn}%` }} />
      </span>
    </span>
  )
}

export function SavedCell({ row: { result } }: CellProps) {
  if (result === undefined || result.bytesIn === 0 || result.bytesOut >= result.bytesIn) {
    return <span className="saved-none">–</span>
  }
  return (
    <strong className="saved">
      <Percent ratio={1 - result.bytesOut / result.bytesIn} />
    </strong>
  )
}

/** What can be done with one file, at most two things at a time. */
export function RowActions({ row }: CellProps) {
  const api = useApi()
  const engine = useUploads()
  const toast = useToast()
  const [isAsked, setIsAsked] = useState(false)
  const upload = engine.item(row.id)
  const params = { path: { id: row.id } }
  const act = useMutation({
    mutationFn: (verb: 'retry' | 'cancel') =>
      dataOf(
        verb === 'retry'
          ? api.POST('/v1/files/{id}/retry', { params })
          : api.POST('/v1/files/{id}/cancel', { params }),
      ),
    onMutate: () => setIsAsked(true),
    onError: (error) => {
      setIsAsked(false)
      toast(messageOf(error), 'bad')
    },
    onSuccess: () => setIsAsked(false),
  })
  const cancel = () => {
    engine.drop([row.id])
    act.mutate('cancel')
  }
  const isOpen = row.state === 'pending' || row.state === 'queued' || row.state === 'processing'
  return (
    <span className="row-actions">
      {upload && (
        <span className="row-actions-upload">
          <UploadAction upload={upload} name={row.name} />
        </span>
      )}
      {row.state === 'failed' && (
        <IconButton
          icon={RotateCcw}
          label={`Retry ${row.name}`}
          disabled={isAsked}
          onClick={() => act.mutate('retry')}
        />
      )}
      {row.state === 'completed' && (
        <a
          className="icon-button"
          href={`/v1/files/${row.id}/content`}
          download
          title={`Download ${row.name}`}
        >
          <Download size={18} aria-hidden />
          <span className="visually-hidden">Download {row.name}</span>
        </a>
      )}
      {isOpen && <IconButton icon={X} label={`Cancel ${row.name}`} disabled={isAsked} onClick={cancel} />}
    </span>
  )
}

function UploadAction({ upload: { fileId, phase }, name }: { upload: UploadItem; name: string }) {
  const engine = useUploads()
  switch (phase) {
    case 'waiting':
    case 'sending':
      return <IconButton icon={Pause} label={`Pause ${name}`} onClick={() => engine.pause(fileId)} />
    case 'paused':
      return <IconButton icon={Play} label={`Resume ${name}`} onClick={() => engine.resume(fileId)} />
    case 'failed':
      return (
        <IconButton icon={RotateCcw} label={`Upload ${name} again`} onClick={() => engine.resume(fileId)} />
      )
    case 'sent':
      return null
  }
}
