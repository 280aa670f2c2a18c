import { getRouteApi } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { ApiError, type JobDetail } from '../../api/index.ts'
import { isStale, stateOf } from '../../job/index.ts'
import {
  Ago,
  Badge,
  ButtonLink,
  Card,
  EmptyState,
  ErrorState,
  Notice,
  PageHeader,
  Skeleton,
} from '../../ui/index.ts'
import { Conditions } from './conditions.tsx'
import { Decisions } from './decisions.tsx'
import { Estimate } from './estimate.tsx'
import { Figures } from './figures.tsx'
import { Partitions } from './partitions.tsx'
import { useJob } from './use-job.ts'
import { Workers } from './workers.tsx'
import './job.css'

const route = getRouteApi('/jobs/$namespace/$name')

/** One CompressionJob, live. */
export function JobPage() {
  const { namespace, name } = route.useParams()
  const { data, error, failureReason, refetch } = useJob(namespace, name)
  const fault = error ?? failureReason
  if (data !== undefined && !(error instanceof ApiError && error.code === 'job_not_found'))
    return <Shown job={data} />
  if (fault === null) return <JobSkeleton name={name} />
  if (!(fault instanceof ApiError && ['job_not_found', 'not_found'].includes(fault.code))) {
    return <ErrorState error={fault} retry={() => void refetch()} />
  }
  return (
    <EmptyState
      icon={SearchX}
      title={`There is no job ${namespace}/${name}`}
      actions={<ButtonLink to="/jobs">All jobs</ButtonLink>}
    >
      It may have been deleted, or the operator has not seen it yet: kubectl get cjob -n {namespace}
    </EmptyState>
  )
}

function Shown({ job }: { job: JobDetail }) {
  const state = stateOf(job)
  const { namespace, name, source, observedAt } = job
  return (
    <>
      <PageHeader
        title={
          <>
            {name} <Badge tone={state.tone}>{state.label}</Badge>
          </>
        }
        lead={
          <>
            {namespace}
            {source !== undefined && ` · ${source === 'ingest' ? 'takes uploads' : source}`} · seen{' '}
            <Ago at={observedAt} />
          </>
        }
        actions={<ButtonLink to="/jobs">All jobs</ButtonLink>}
      />
      {state.message !== undefined && (
        <div className="job-notice">
          <Notice tone={state.tone === 'bad' ? 'bad' : 'warn'}>{state.message}</Notice>
        </div>
      )}
      {isStale(job, Date.now()) && (
        <div className="job-notice">
          <Notice tone="warn">
            The operator has not looked at this job for a while: all of this is as it was{' '}
            <Ago at={observedAt} />. Is it running?
          </Notice>
        </div>
      )}
      {job.estimate === undefined ? <Figures job={job} /> : <Estimate estimate={job.estimate} />}
      <div className="job-grid">
        <Workers job={job} />
        <Partitions partitions={job.lag?.partitions} />
        <Conditions conditions={job.conditions} />
      </div>
      <Decisions decisions={job.decisions} />
    </>
  )
}

function JobSkeleton({ name }: { name: string }) {
  return (
    <div aria-busy>
      <PageHeader title={name} lead={<Skeleton width="200px" height="14px" />} />
      <p className="visually-hidden" role="status">
        Loading the job
      </p>
      <Card>
        <Skeleton height="88px" />
      </Card>
    </div>
  )
}
