import { Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import type { Batch } from '../../api/index.ts'
import { nameOf, tagsOf } from '../../batch/index.ts'
import { Ago, IconButton, Percent, Progress, StateBadge, useFormats } from '../../ui/index.ts'
import type { Column } from '../../ui/table/index.ts'
import { isBusy } from './use-batches.ts'

interface Actions {
  onDelete: (batch: Batch) => void
  /** A tag was chosen to filter by. */
  onTag: (tag: string) => void
}

export function batchColumns({ onDelete, onTag }: Actions): readonly Column<Batch>[] {
  return [
    {
      key: 'name',
      header: 'Batch',
      width: 'minmax(0, 1fr)',
      cell: (batch) => <NameCell batch={batch} onTag={onTag} />,
    },
    {
      key: 'state',
      header: 'State',
      width: '116px',
      wide: true,
      cell: ({ state }) => <StateBadge state={state} />,
    },
    {
      key: 'files',
      header: 'Files',
      width: '168px',
      wide: true,
      cell: (batch) => <FilesCell batch={batch} />,
    },
    {
      key: 'saved',
      header: 'Saved',
      width: '88px',
      align: 'end',
      cell: (batch) => <SavedCell batch={batch} />,
    },
    {
      key: 'created',
      header: 'Created',
      width: '128px',
      align: 'end',
      wide: true,
      cell: ({ createdAt }) => <Ago at={createdAt} />,
    },
    {
      key: 'delete',
      header: <span className="visually-hidden">Delete</span>,
      width: '34px',
      align: 'end',
      cell: (batch) => (
        <IconButton icon={Trash2} label={`Delete ${nameOf(batch)}`} onClick={() => onDelete(batch)} />
      ),
    },
  ]
}

/** More would not fit into a row. */
const tagsShown = 3

function NameCell({ batch, onTag }: { batch: Batch; onTag: Actions['onTag'] }) {
  const tags = tagsOf(batch)
  return (
    <>
      <Link to="/batches/$batchId" params={{ batchId: batch.id }} className="row-link batches-name">
        {nameOf(batch)}
      </Link>
      <span className="batches-under">
        <span className="batches-narrow">
          <ShortState batch={batch} /> · <Ago at={batch.createdAt} />
        </span>
        {tags.length === 0 && <span className="batches-id">{batch.id}</span>}
        {tags.slice(0, tagsShown).map((tag) => (
          <button
            key={tag}
            type="button"
            className="tag"
            title={`Filter by ${tag}`}
            onClick={() => onTag(tag)}
          >
            {tag}
          </button>
        ))}
        {tags.length > tagsShown && (
          <span className="batches-more" title={tags.slice(tagsShown).join(', ')}>
            +{tags.length - tagsShown}
          </span>
        )}
      </span>
    </>
  )
}

function ShortState({ batch }: { batch: Batch }) {
  const formats = useFormats()
  const { total, completed, failed } = batch.files
  if (isBusy(batch)) return `${formats.count(completed + failed)} of ${formats.count(total)}`
  return `${formats.count(total)} ${total === 1 ? 'file' : 'files'}`
}

function FilesCell({ batch }: { batch: Batch }) {
  const formats = useFormats()
  const { total, completed, failed, cancelled, pending } = batch.files
  const ended = completed + failed + cancelled
  const notes = [
    cancelled > 0 && `${formats.count(cancelled)} cancelled`,
    pending > 0 && `${formats.count(pending)} not uploaded`,
  ].filter((note) => note !== false)
  const count = `${formats.count(total)} ${total === 1 ? 'file' : 'files'}`
  return (
    <div className="batches-files">
      <span className="number">{isBusy(batch) ? `${formats.count(ended)} of ${count}` : count}</span>
      {isBusy(batch) ? (
        <Progress value={ended / total} label={`Files of ${nameOf(batch)} that are done`} tone="blue" />
      ) : (
        failed + notes.length > 0 && (
          <span className="batches-notes">
            {failed > 0 && <span className="batches-failed">{formats.count(failed)} failed</span>}
            {failed > 0 && notes.length > 0 && ', '}
            {notes.join(', ')}
          </span>
        )
      )}
    </div>
  )
}

function SavedCell({ batch }: { batch: Batch }) {
  const formats = useFormats()
  const { in: before, saved } = batch.bytes
  if (before === 0) return <span className="batches-none">–</span>
  return (
    <div className="batches-saved">
      <Percent ratio={saved / before} />
      <span className="batches-notes number">{formats.bytes(saved)}</span>
    </div>
  )
}
