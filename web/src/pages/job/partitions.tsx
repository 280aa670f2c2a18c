import { Card, useFormats } from '../../ui/index.ts'

/** Records not done, a bar for each partition. */
export function Partitions({ partitions }: { partitions: readonly number[] | undefined }) {
  const formats = useFormats()
  const total = partitions?.reduce((sum, lag) => sum + lag, 0) ?? 0
  const most = Math.max(1, ...(partitions ?? []))
  return (
    <Card className="job-card">
      <h2>
        Lag <span>records that wait, by partition</span>
      </h2>
      {partitions === undefined ? (
        <p className="job-none">Kafka does not say what waits. It is asked again every few seconds.</p>
      ) : (
        <>
          <p className="job-lag-sum number">
            {total === 0
              ? `Nothing waits in ${formats.count(partitions.length)} partitions.`
              : `${formats.count(total)} in ${formats.count(partitions.length)} partitions, at most ${formats.count(most)} in one`}
          </p>
          <ol className="job-lag" aria-label="Lag of each partition">
            {partitions.map((lag, partition) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the index is the number of the partition
              <li key={partition} title={`Partition ${partition}: ${formats.count(lag)}`}>
                <span className="visually-hidden">{formats.count(lag)} records</span>
                <span
                  className="job-lag-bar"
                  style={{ height: lag === 0 ? '2px' : `${Math.max(4, (lag / most) * 100)}%` }}
                  aria-hidden
                />
              </li>
            ))}
          </ol>
        </>
      )}
    </Card>
  )
}
