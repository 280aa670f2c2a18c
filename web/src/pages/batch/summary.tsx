import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { CircleStop, Download, Pause, Play, Plus, RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { dataOf, done, useApi } from '../../api/index.ts'
import type { BatchModel } from '../../batch/index.ts'
import {
  Ago,
  Button,
  ButtonAnchor,
  ButtonLink,
  Bytes,
  Card,
  Confirm,
  cx,
  messageOf,
  Percent,
  Progress,
  Stat,
  Stats,
  useFormats,
  useToast,
} from '../../ui/index.ts'
import { type UploadTotals, useUploads } from '../../uploads/index.ts'

interface SummaryProps {
  model: BatchModel
  uploads: UploadTotals
  isLive: boolean
}

/** What has become of the batch as a whole, and what can be done with it. */
export function Summary({ model, uploads, isLive }: SummaryProps) {
  const { batch, sums } = model
  const formats = useFormats()
  const saved = sums.bytesIn - sums.bytesOut
  return (
    <Card className="summary">
      <div className="summary-top">
        <div className="summary-saved">
          <p className={cx('summary-figure number', saved === 0 && 'is-none')} data-testid="saved">
            {saved > 0 || sums.completed === 0 ? <Bytes value={saved} /> : 'Nothing'}
          </p>
          <p className="summary-caption">
            {saved > 0 ? (
              <>
                saved,{' '}
                <strong>
                  <Percent ratio={saved / sums.bytesIn} />
                </strong>{' '}
                of <Bytes value={sums.bytesIn} />
              </>
            ) : sums.completed > 0 ? (
              'to save: these files are as small as they get'
            ) : (
              'saved so far'
            )}
          </p>
        </div>
        <Actions model={model} uploads={uploads} />
      </div>
      <ProgressLine model={model} uploads={uploads} isLive={isLive} />
      <Stats>
        <Stat label="Files">{formats.count(sums.files)}</Stat>
        <Stat label="Compressed">{formats.count(sums.compressed)}</Stat>
        <Stat label="Kept as they were">{formats.count(sums.kept + sums.skipped)}</Stat>
        <Stat label="Failed">{formats.count(sums.failed)}</Stat>
        <Stat label="Started">
          <Ago at={batch.createdAt} />
        </Stat>
      </Stats>
    </Card>
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

function Actions({ model, uploads }: Omit<SummaryProps, 'isLive'>) {
  const { batch, sums } = model
  const api = useApi()
  const queries = useQueryClient()
  const engine = useUploads()
  const toast = useToast()
  const navigate = useNavigate()
  const [isAsked, setIsAsked] = useState<'cancel' | 'delete'>()
  const params = { path: { id: batch.id } }
  const onError = (error: unknown) => toast(messageOf(error), 'bad')
  const retry = useMutation({
    mutationFn: () => dataOf(api.POST('/v1/batches/{id}/retry', { params, body: {} })),
    onError,
  })
  const cancel = useMutation({
    mutationFn: () => dataOf(api.POST('/v1/batches/{id}/cancel', { params })),
    onMutate: () => engine.dropBatch(batch.id),
    onSettled: () => setIsAsked(undefined),
    onError,
  })
  const remove = useMutation({
    mutationFn: () => done(api.DELETE('/v1/batches/{id}', { params })),
    onMutate: () => engine.dropBatch(batch.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['batches'] })
      toast('The batch is deleted.')
      await navigate({ to: '/' })
    },
    onError,
  })
  const isOpen = sums.pending + sums.queued + sums.processing > 0
  return (
    <div className="summary-actions">
      {sums.completed > 0 && (
        <ButtonAnchor kind="primary" icon={Download} href={`/v1/batches/${batch.id}/archive`} download>
          Download all
        </ButtonAnchor>
      )}
      {uploads.active > 0 && (
        <Button icon={Pause} onClick={() => engine.pauseBatch(batch.id)}>
          Pause
        </Button>
      )}
      {uploads.active === 0 && uploads.paused > 0 && (
        <Button icon={Play} kind="primary" onClick={() => engine.resumeBatch(batch.id)}>
          Resume
        </Button>
      )}
      {sums.failed > 0 && (
        <Button icon={RotateCcw} busy={retry.isPending} onClick={() => retry.mutate()}>
          Retry failed
        </Button>
      )}
      {isOpen ? (
        <Button kind="danger" icon={CircleStop} onClick={() => setIsAsked('cancel')}>
          Cancel
        </Button>
      ) : (
        <>
          <ButtonLink to="/" icon={Plus}>
            New
          </ButtonLink>
          <Button kind="danger" icon={Trash2} onClick={() => setIsAsked('delete')}>
            Delete
          </Button>
        </>
      )}
      {isAsked === 'cancel' && (
        <Confirm
          title="Stop this batch?"
          action="Stop it"
          busy={cancel.isPending}
          onConfirm={() => cancel.mutate()}
          onClose={() => setIsAsked(undefined)}
        >
          What is compressed already stays here to be downloaded. Files that are not done are cancelled.
        </Confirm>
      )}
      {isAsked === 'delete' && (
        <Confirm
          title="Delete this batch?"
          action="Delete it"
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setIsAsked(undefined)}
        >
          The uploads and what was made of them are erased. Nothing brings them back.
        </Confirm>
      )}
    </div>
  )
}
