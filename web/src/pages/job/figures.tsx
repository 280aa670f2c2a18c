import type { JobDetail } from '../../api/index.ts'
import { progressOf } from '../../job/index.ts'
import { Card, Progress, Stat, Stats, useFormats } from '../../ui/index.ts'

/** How far it is and what it saved. */
export function Figures({ job }: { job: JobDetail }) {
  const formats = useFormats()
  const { bytes, lag, replicas, throughput, estimatedCompletionTime, files, topFailures = [] } = job
  const { done, failed, found } = progressOf(job)
  const ended = done + failed
  return (
    <Card className="job-figures">
      <Stats>
        <Stat label="Saved">
          {bytes?.in
            ? `${formats.bytes(bytes.saved ?? 0)}, ${formats.percent((bytes.saved ?? 0) / bytes.in)}`
            : '–'}
        </Stat>
        <Stat label="Done">
          {formats.count(done)} of {formats.count(found)} files
        </Stat>
        {(files?.kept ?? 0) > 0 && <Stat label="Kept as they were">{formats.count(files?.kept ?? 0)}</Stat>}
        {(files?.skipped ?? 0) > 0 && <Stat label="Skipped">{formats.count(files?.skipped ?? 0)}</Stat>}
        <Stat label="Failed">
          <span className={failed > 0 ? 'job-failed' : undefined}>{formats.count(failed)}</span>
        </Stat>
        <Stat label="Workers ready">
          {formats.count(replicas?.ready ?? 0)} of {formats.count(replicas?.desired ?? 0)}
          {replicas?.fixed !== undefined && ' (fixed)'}
        </Stat>
        <Stat label="Work waiting">
          {lag?.workSeconds === undefined
            ? 'unknown'
            : lag.workSeconds === 0
              ? 'none'
              : formats.duration(lag.workSeconds * 1000)}
        </Stat>
        {throughput?.filesPerSecond !== undefined && (
          <Stat label="Throughput">{formats.decimal(throughput.filesPerSecond)} files/s</Stat>
        )}
        {estimatedCompletionTime !== undefined && (
          <Stat label="Done at about">{formats.dateTime(estimatedCompletionTime)}</Stat>
        )}
      </Stats>
      {found > 0 && (
        <Progress
          value={ended / found}
          size="thick"
          tone={ended < found ? 'blue' : 'brand'}
          label="Files that have ended"
        />
      )}
      {topFailures.length > 0 && (
        <ul className="job-failures" aria-label="Why files failed">
          {topFailures.map(({ code, count, example }) => (
            <li key={code}>
              <b className="number">{formats.count(count)}</b> <code>{code}</code> <span>as {example}</span>
            </li>
          ))}
        </ul>
      )}
      {failed > 0 && (job.source === 'ingest' || job.completionTime !== undefined) && (
        <p className="job-again">
          <code>
            kompressor job retry {job.name} -n {job.namespace}
          </code>{' '}
          does again what failed.
        </p>
      )}
    </Card>
  )
}
