import { FileSearch } from 'lucide-react'
import { Suspense, useDeferredValue, useMemo, useState } from 'react'
import {
  type BatchModel,
  type Row,
  select,
  type View,
  viewCounts,
  viewLabels,
  views,
} from '../../batch/index.ts'
import { Compare, isPicture } from '../../compare/index.ts'
import { Card, cx, EmptyState, Skeleton, TextField, useFormats } from '../../ui/index.ts'
import { type Column, Table } from '../../ui/table/index.ts'
import { NameCell, RowActions, SavedCell, SizeCell, StateCell } from './cells.tsx'

interface FilesProps {
  model: BatchModel
  isWhole: boolean
  version: number
}

/** The files of a batch, one a row. */
export function Files({ model, isWhole, version }: FilesProps) {
  const [view, setView] = useState<View>('all')
  const [search, setSearch] = useState('')
  const [shownId, setShownId] = useState<string>()
  const wanted = useDeferredValue(search)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are changed in place, and the version says when
  const rows = useMemo(() => select([...model.rows], view, wanted), [model, view, wanted, version])
  const columns = useMemo(() => columnsFor(setShownId), [])
  const shown = shownId === undefined ? undefined : model.row(shownId)
  return (
    <Card padded={false} className="files">
      <div className="files-bar">
        <ViewTabs model={model} view={view} onChange={setView} />
        <TextField
          label="Search by name"
          hideLabel
          type="search"
          placeholder="Search by name"
          className="files-search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {rows.length > 0 ? (
        <Table label="Files" columns={columns} rows={rows} rowKey={rowKey} rowHeight={64} version={version} />
      ) : isWhole ? (
        <EmptyState icon={FileSearch} title="No such files">
          {wanted === '' ? 'None is in this state.' : 'No name has this in it.'}
        </EmptyState>
      ) : (
        <Skeleton height="320px" />
      )}
      {shown !== undefined && (
        <Suspense>
          <Compare
            row={shown}
            others={rows.filter(isPicture)}
            onShow={setShownId}
            onClose={() => setShownId(undefined)}
          />
        </Suspense>
      )}
    </Card>
  )
}

const rowKey = ({ id }: Row) => id

function columnsFor(show: (id: string) => void): readonly Column<Row>[] {
  return [
    {
      key: 'name',
      header: 'File',
      width: 'minmax(0, 1fr)',
      cell: (row) => <NameCell row={row} onShow={isPicture(row) ? () => show(row.id) : undefined} />,
    },
    {
      key: 'state',
      header: 'State',
      width: 'minmax(0, 1.1fr)',
      wide: true,
      cell: (row) => <StateCell row={row} />,
    },
    {
      key: 'size',
      header: 'Size',
      width: '150px',
      align: 'end',
      wide: true,
      cell: (row) => <SizeCell row={row} />,
    },
    {
      key: 'saved',
      header: 'Saved',
      width: '64px',
      narrow: '52px',
      align: 'end',
      cell: (row) => <SavedCell row={row} />,
    },
    {
      key: 'actions',
      header: <span className="visually-hidden">Actions</span>,
      width: '68px',
      narrow: '32px',
      align: 'end',
      cell: (row) => <RowActions row={row} />,
    },
  ]
}

interface ViewTabsProps {
  model: BatchModel
  view: View
  onChange: (view: View) => void
}

function ViewTabs({ model, view, onChange }: ViewTabsProps) {
  const formats = useFormats()
  const counts = viewCounts(model.sums)
  const shown = views.filter((name) => name === 'all' || name === view || counts[name] > 0)
  return (
    <fieldset className="view-tabs">
      <legend className="visually-hidden">Which files to show</legend>
      {shown.map((name) => (
        <button
          key={name}
          type="button"
          className={cx('view-tab', name === view && 'is-on')}
          aria-pressed={name === view}
          onClick={() => onChange(name)}
        >
          {viewLabels[name]} <span className="number">{formats.count(counts[name])}</span>
        </button>
      ))}
    </fieldset>
  )
}
