import { Card, type Formats, useFormats } from '../../ui/index.ts'
import { type Column, Table } from '../../ui/table/index.ts'
import type { Activity } from './use-activity.ts'

type Bucket = Activity['buckets'][number]

/** What the charts show, as a table: to be read out, copied and searched. Newest first, without what was quiet. */
export function Numbers({ activity }: { activity: Activity }) {
  const formats = useFormats()
  const rows = activity.buckets
    .filter(({ completed, failed, retried, open }) => completed + failed + retried + open > 0)
    .toReversed()
  return (
    <Card padded={false}>
      <Table
        label={`Activity in steps of ${formats.duration(activity.bucketSeconds * 1000)}`}
        columns={columnsFor(formats)}
        rows={rows}
        rowKey={({ at }) => at}
        rowHeight={40}
      />
    </Card>
  )
}

function columnsFor(formats: Formats): readonly Column<Bucket>[] {
  const end = { align: 'end', width: 'minmax(64px, 1fr)' } as const
  const time = (ms: number | undefined) => (ms === undefined ? '–' : formats.duration(ms))
  return [
    { key: 'at', header: 'From', width: 'minmax(0, 2fr)', cell: ({ at }) => formats.dateTime(at) },
    { ...end, key: 'done', header: 'Done', cell: ({ completed }) => formats.count(completed) },
    { ...end, key: 'failed', header: 'Failed', cell: ({ failed }) => formats.count(failed) },
    { ...end, key: 'saved', header: 'Saved', cell: ({ bytes }) => formats.bytes(bytes.saved) },
    { ...end, key: 'open', header: 'Open', wide: true, cell: ({ open }) => formats.count(open) },
    { ...end, key: 'p50', header: 'Half within', wide: true, cell: ({ latencyMs }) => time(latencyMs?.p50) },
    { ...end, key: 'p95', header: '95% within', wide: true, cell: ({ latencyMs }) => time(latencyMs?.p95) },
  ]
}
