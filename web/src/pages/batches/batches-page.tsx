import { getRouteApi } from '@tanstack/react-router'
import { Layers, SearchX } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { Batch } from '../../api/index.ts'
import { Button, ButtonLink, Card, EmptyState, ErrorState, PageHeader, useFormats } from '../../ui/index.ts'
import { Table } from '../../ui/table/index.ts'
import { batchColumns } from './columns.tsx'
import { DeleteBatch } from './delete-batch.tsx'
import { Filters } from './filters.tsx'
import { type BatchFilters, isFiltered } from './search.ts'
import { BatchesSkeleton } from './skeleton.tsx'
import { useBatches } from './use-batches.ts'
import './batches.css'

const route = getRouteApi('/batches')

/** Every batch there is, newest first. */
export function BatchesPage() {
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const setFilters = (next: BatchFilters) => void navigate({ search: next, replace: true })
  return (
    <>
      <PageHeader
        title="Batches"
        lead="What was compressed here, newest first."
        actions={
          <ButtonLink to="/" kind="primary">
            Compress files
          </ButtonLink>
        }
      />
      <Filters filters={filters} onChange={setFilters} />
      <BatchList filters={filters} onChange={setFilters} />
    </>
  )
}

function BatchList({
  filters,
  onChange,
}: {
  filters: BatchFilters
  onChange: (filters: BatchFilters) => void
}) {
  const formats = useFormats()
  const { data, error, failureReason, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } =
    useBatches(filters)
  const [deleting, setDeleting] = useState<Batch>()
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data])
  const { tags = [] } = filters
  const columns = batchColumns({
    onDelete: setDeleting,
    onTag: (tag) => onChange({ ...filters, tags: [...new Set([...tags, tag])] }),
  })
  if (data === undefined) {
    const fault = error ?? failureReason
    if (fault !== null) return <ErrorState error={fault} retry={() => void refetch()} />
    return isPending ? <BatchesSkeleton /> : null
  }
  if (rows.length === 0) {
    return isFiltered(filters) ? (
      <EmptyState
        icon={SearchX}
        title="No batch matches"
        actions={<Button onClick={() => onChange({})}>Show all batches</Button>}
      >
        Batches are found by a part of their name or of a tag, or by the beginning of their id.
      </EmptyState>
    ) : (
      <EmptyState
        icon={Layers}
        title="No batches yet"
        actions={
          <ButtonLink to="/" kind="primary">
            Compress files
          </ButtonLink>
        }
      >
        Every time you drop files, they become a batch, and it is kept here with its results.
      </EmptyState>
    )
  }
  return (
    <>
      <p className="visually-hidden" role="status">
        {formats.count(rows.length)} {hasNextPage ? 'batches loaded, there are more' : 'batches'}
      </p>
      <Card padded={false} className="batches-card">
        <Table
          label="Batches"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          rowHeight={68}
          onEnd={() => {
            if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
          }}
        />
      </Card>
      <p className="batches-end">
        {hasNextPage
          ? 'Loading more…'
          : rows.length > 10 && `That was all: ${formats.count(rows.length)} batches.`}
      </p>
      {deleting !== undefined && <DeleteBatch batch={deleting} onClose={() => setDeleting(undefined)} />}
    </>
  )
}
