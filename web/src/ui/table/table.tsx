import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { cx } from '../cx.ts'
import '../row-link/row-link.css'
import './table.css'

export interface Column<Row> {
  key: string
  header: ReactNode
  /** A grid track: `minmax(0, 1fr)`, `96px`. */
  width: string
  align?: 'start' | 'end'
  /** The track on small screens; by default the same. */
  narrow?: string
  /** Left out on small screens. */
  wide?: boolean
  cell: (row: Row) => ReactNode
}

interface TableProps<Row> {
  /** What the rows are, for who cannot see them. */
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
  /** Pixels; rows have one height, so a long list needs not be measured. Default 52. */
  rowHeight?: number
  /** Changes when cells of the same rows show something else. Rows are not rendered anew while they only scroll. */
  version?: number
  /** Called when the end comes near: load more. */
  onEnd?: () => void
}

/**
 * A table that renders the rows in view alone, so that it scrolls smoothly with 10,000 of them. The window scrolls, not the
 * table. A link or button of the class `row-link` in one of the cells makes the whole row press it.
 */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
  rowHeight = 52,
  version,
  onEnd,
}: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [offset, setOffset] = useState(0)
  // What is above the table may grow and shrink.
  useLayoutEffect(() => {
    const top = (body.current?.getBoundingClientRect().top ?? 0) + window.scrollY
    if (Math.abs(top - offset) > 1) setOffset(top)
  })
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: offset,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useLayoutEffect(() => {
    if (onEnd !== undefined && rows.length > 0 && last >= rows.length - 10) onEnd()
  }, [last, rows.length, onEnd])
  const tracks = columns.map(({ width }) => width).join(' ')
  const narrowTracks = columns
    .filter(({ wide }) => !wide)
    .map(({ width, narrow = width }) => narrow)
    .join(' ')
  return (
    <table
      className="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      style={{ '--columns': tracks, '--columns-narrow': narrowTracks }}
    >
      <thead className="table-head">
        <tr className="table-row" aria-rowindex={1}>
          {columns.map(({ key, header, align, wide }) => (
            <th key={key} scope="col" className={cellClass(align, wide)}>
              {header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body} className="table-body" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <TableRow
              key={rowKey(row)}
              row={row}
              index={index}
              height={rowHeight}
              columns={columns}
              version={version}
            />
          )
        })}
      </tbody>
    </table>
  )
}

interface TableRowProps<Row> {
  row: Row
  index: number
  height: number
  columns: readonly Column<Row>[]
  version: number | undefined
}

function PlainRow<Row>({ row, index, height, columns }: TableRowProps<Row>) {
  return (
    <tr
      aria-rowindex={index + 2}
      className="table-row"
      style={{ height, transform: `translateY(${index * height}px)` }}
    >
      {columns.map(({ key, cell, align, wide }) => (
        <td key={key} className={cellClass(align, wide)}>
          {cell(row)}
        </td>
      ))}
    </tr>
  )
}

/** Most of what scrolling costs would be rendering rows that are the same. */
const TableRow = memo(PlainRow) as typeof PlainRow

function cellClass(align: 'start' | 'end' | undefined, wide: boolean | undefined): string {
  return cx('table-cell', align === 'end' && 'is-end', wide && 'is-wide')
}
