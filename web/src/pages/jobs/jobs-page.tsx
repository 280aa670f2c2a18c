import { getRouteApi } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { Button, Card, EmptyState, ErrorState, PageHeader, SearchField, Skeleton } from '../../ui/index.ts'
import { JobRow } from './job-row.tsx'
import { NoJobs } from './no-jobs.tsx'
import { useJobs } from './use-jobs.ts'
import './jobs.css'

const route = getRouteApi('/jobs')

/** The CompressionJobs of the cluster, live. */
export function JobsPage() {
  const { search } = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error, failureReason, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useJobs(search)
  const jobs = data?.pages.flatMap(({ items }) => items)
  const fault = error ?? failureReason
  const show = (wanted: string) =>
    void navigate({ search: wanted === '' ? {} : { search: wanted }, replace: true })
  return (
    <>
      <PageHeader
        title="Jobs"
        lead="What the cluster compresses by itself: how far, what it saved, with how many workers."
      />
      {(search !== undefined || (jobs !== undefined && jobs.length > 0)) && (
        <search className="jobs-search">
          <SearchField
            label="Search jobs"
            placeholder="Namespace or name"
            value={search ?? ''}
            onSearch={show}
          />
        </search>
      )}
      {jobs === undefined ? (
        fault === null ? (
          <JobsSkeleton />
        ) : (
          <ErrorState error={fault} retry={() => void refetch()} />
        )
      ) : jobs.length > 0 ? (
        <Card padded={false} className="jobs-card">
          <ul aria-label="Jobs">
            {jobs.map((job) => (
              <JobRow key={job.uid} job={job} />
            ))}
          </ul>
        </Card>
      ) : search === undefined ? (
        <NoJobs />
      ) : (
        <EmptyState
          icon={SearchX}
          title="No job matches"
          actions={<Button onClick={() => show('')}>Show all jobs</Button>}
        >
          Jobs are found by a part of their namespace and name, as in shop/photos.
        </EmptyState>
      )}
      {hasNextPage && (
        <p className="jobs-more">
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </p>
      )}
    </>
  )
}

const rows = ['a', 'b', 'c', 'd']

function JobsSkeleton() {
  return (
    <Card padded={false} aria-busy className="jobs-card">
      <p className="visually-hidden" role="status">
        Loading jobs
      </p>
      {rows.map((row) => (
        <div key={row} className="job-row">
          <Skeleton width="60%" height="14px" />
          <Skeleton width="84px" height="20px" />
          <Skeleton width="80%" height="14px" />
          <Skeleton width="60px" height="14px" />
        </div>
      ))}
    </Card>
  )
}
