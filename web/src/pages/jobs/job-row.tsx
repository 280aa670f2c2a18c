import { Link } from '@tanstack/react-router'
import type { Job } from '../../api/index.ts'
import { isStale, progressOf, stateOf } from '../../job/index.ts'
import { Ago, Badge, Percent, Progress, useFormats } from '../../ui/index.ts'
import '../../ui/row-link/row-link.css'

/** A job in the list; all of it leads to its page. */
export function JobRow({ job }: { job: Job }) {
  const formats = useFormats()
  const { namespace, name, source, bytes, replicas, lag } = job
  const state = stateOf(job)
  const { done, failed, found } = progressOf(job)
  const ended = done + failed
  return (
    <li className="job-row">
      <div className="job-row-name">
        <Link to="/jobs/$namespace/$name" params={{ namespace, name }} className="row-link">
          {name}
        </Link>
        <span className="job-row-under">
          {namespace}
          {source !== undefined && ` · ${source === 'ingest' ? 'takes uploads' : source}`}
        </span>
      </div>
      <div className="job-row-state">
        <Badge tone={state.tone} {...(state.message !== undefined && { title: state.message })}>
          {state.label}
        </Badge>
        {isStale(job, Date.now()) && (
          <span className="job-row-under">
            seen <Ago at={job.observedAt} />
          </span>
        )}
      </div>
      <div className="job-row-files">
        <span className="number">
          {ended < found ? `${formats.count(ended)} of ${formats.count(found)}` : formats.count(found)} files
          {failed > 0 && <span className="job-row-failed"> · {formats.count(failed)} failed</span>}
        </span>
        {ended < found && (
          <Progress
            value={ended / found}
            tone="blue"
            label={`Files of ${namespace}/${name} that have ended`}
          />
        )}
      </div>
      <div className="job-row-saved">
        {bytes?.in ? <Percent ratio={(bytes.saved ?? 0) / bytes.in} /> : '–'}
        <span className="job-row-under">
          {bytes?.in ? `${formats.bytes(bytes.saved ?? 0)} saved` : 'saved'}
        </span>
      </div>
      <div className="job-row-workers">
        <span className="number">
          {formats.count(replicas?.ready ?? 0)} of {formats.count(replicas?.desired ?? 0)}
        </span>
        <span className="job-row-under">
          workers{lag?.records ? `, ${formats.count(lag.records)} wait` : ''}
        </span>
      </div>
    </li>
  )
}
