import { Card, Skeleton } from '../../ui/index.ts'

const rows = ['a', 'b', 'c', 'd', 'e', 'f']

/** The list while it is loaded, in the size it will have. */
export function BatchesSkeleton() {
  return (
    <Card padded={false} aria-busy className="batches-card">
      <p className="visually-hidden" role="status">
        Loading batches
      </p>
      {rows.map((row) => (
        <div key={row} className="batches-skeleton-row">
          <Skeleton width="38%" height="14px" />
          <Skeleton width="84px" height="20px" />
          <Skeleton width="72px" height="14px" />
        </div>
      ))}
    </Card>
  )
}
