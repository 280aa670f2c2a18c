import { getRouteApi } from '@tanstack/react-router'
import { CircleCheckBig, RotateCcw } from 'lucide-react'
import { Button, Card, EmptyState, ErrorState, PageHeader, Skeleton, useFormats } from '../../ui/index.ts'
import { Cause } from './cause.tsx'
import { useCauses, useRetry } from './use-failures.ts'
import './failed.css'

const route = getRouteApi('/failed')

/** What failed, cause by cause. */
export function FailedPage() {
  const { code } = route.useSearch()
  const navigate = route.useNavigate()
  const formats = useFormats()
  const { data, error, failureReason, refetch } = useCauses()
  const { mutate: retry, isPending } = useRetry()
  const fault = error ?? failureReason
  const causes = data?.items ?? []
  const total = causes.reduce((sum, { count }) => sum + count, 0)
  return (
    <>
      <PageHeader
        title="Failed"
        lead={
          total > 0
            ? `${formats.count(total)} ${total === 1 ? 'file' : 'files'}, by cause. The originals are still there.`
            : 'What could not be compressed, by cause.'
        }
        actions={
          total > 0 && (
            <Button icon={RotateCcw} busy={isPending} onClick={() => retry({})}>
              Retry all {formats.count(total)}
            </Button>
          )
        }
      />
      {data === undefined ? (
        fault === null ? (
          <FailedSkeleton />
        ) : (
          <ErrorState error={fault} retry={() => void refetch()} />
        )
      ) : causes.length === 0 ? (
        <EmptyState icon={CircleCheckBig} title="Nothing has failed">
          Files that cannot be compressed are kept here with the reason, until you try them again or delete
          them.
        </EmptyState>
      ) : (
        <ul className="causes">
          {causes.map((cause) => (
            <li key={cause.code}>
              <Cause
                cause={cause}
                isOpen={code === cause.code}
                onToggle={() =>
                  void navigate({ search: code === cause.code ? {} : { code: cause.code }, replace: true })
                }
              />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

const rows = ['a', 'b', 'c']

function FailedSkeleton() {
  return (
    <div aria-busy className="causes">
      <p className="visually-hidden" role="status">
        Loading what failed
      </p>
      {rows.map((row) => (
        <Card key={row} className="cause-skeleton">
          <Skeleton width="45%" height="18px" />
          <Skeleton width="70%" height="14px" />
        </Card>
      ))}
    </div>
  )
}
