import { getRouteApi } from '@tanstack/react-router'
import { PackageX } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type BatchModel, type BatchStatus, nameOf, recallRefused, useBatch } from '../../batch/index.ts'
import { RefusedList } from '../../intake/index.ts'
import { ButtonLink, Card, EmptyState, ErrorState, Skeleton, useFormats } from '../../ui/index.ts'
import { useUploads } from '../../uploads/index.ts'
import { Files } from './files.tsx'
import { Header } from './header.tsx'
import { Missing } from './missing.tsx'
import { NotSent } from './not-sent.tsx'
import { Summary } from './summary.tsx'
import './batch-page.css'

const route = getRouteApi('/batches/$batchId')

export function BatchPage() {
  const { batchId } = route.useParams()
  const { status, version, again } = useBatch(batchId)
  switch (status.kind) {
    case 'loading':
      return <Loading />
    case 'error':
      return <ErrorState error={status.error} retry={again} />
    case 'gone':
      return (
        <EmptyState
          icon={PackageX}
          title="This batch does not exist any more"
          actions={<ButtonLink to="/">Compress files</ButtonLink>}
        >
          It was deleted, or kept as long as files are kept here.
        </EmptyState>
      )
    case 'ready':
      return <Ready key={batchId} batchId={batchId} status={status} version={version} />
  }
}

interface ReadyProps {
  batchId: string
  status: Extract<BatchStatus, { kind: 'ready' }>
  version: number
}

function Ready({ batchId, status: { model, isWhole, isLive }, version }: ReadyProps) {
  const uploads = useUploads().totals(batchId)
  const [refused] = useState(() => recallRefused(batchId))
  useTitle(model)
  return (
    <div className="batch">
      <Header model={model} uploads={uploads} />
      <Summary model={model} uploads={uploads} isLive={isLive || !isWhole} />
      <NotSent batchId={batchId} uploads={uploads} />
      {isWhole && <Missing model={model} uploads={uploads} />}
      {refused.length > 0 && (
        <Card className="batch-refused">
          <h2>{refused.length === 1 ? '1 file was left out' : `${refused.length} files were left out`}</h2>
          <RefusedList refused={refused} />
        </Card>
      )}
      <Files model={model} isWhole={isWhole} version={version} />
    </div>
  )
}

/** How far it is, where it can be seen while another page is looked at. */
function useTitle({ batch, sums }: BatchModel): void {
  const formats = useFormats()
  const settled = sums.completed + sums.failed + sums.cancelled
  const isOver = batch.state === 'completed' || batch.state === 'cancelled'
  const progress = isOver || sums.files === 0 ? '' : `${formats.percent(settled / sums.files)} · `
  const name = nameOf(batch)
  useEffect(() => {
    document.title = `${progress}${name} · Kompressor`
    return () => {
      document.title = 'Kompressor'
    }
  }, [progress, name])
}

function Loading() {
  return (
    <div className="batch" role="status" aria-label="Loading the batch">
      <Skeleton width="min(320px, 70%)" height="54px" />
      <Card className="summary">
        <Skeleton width="220px" height="92px" />
        <Skeleton height="38px" />
      </Card>
      <Card>
        <Skeleton height="320px" />
      </Card>
    </div>
  )
}
