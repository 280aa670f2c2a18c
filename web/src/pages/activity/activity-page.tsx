import { getRouteApi } from '@tanstack/react-router'
import { Activity as ActivityIcon } from 'lucide-react'
import { useMemo, useState } from 'react'
import {
  Button,
  ButtonLink,
  Card,
  Choice,
  EmptyState,
  ErrorState,
  PageHeader,
  Skeleton,
} from '../../ui/index.ts'
import { Charts } from './charts.tsx'
import { Figures } from './figures.tsx'
import { Numbers } from './numbers.tsx'
import { seriesOf } from './series.ts'
import { type Activity, useActivity } from './use-activity.ts'
import { type ActivityWindow, windows } from './window.ts'
import './activity.css'

const route = getRouteApi('/activity')

/** What happened lately, live. */
export function ActivityPage() {
  const { window = '1h' } = route.useSearch()
  const navigate = route.useNavigate()
  const { data, error, failureReason, refetch, isPlaceholderData } = useActivity(window)
  const fault = error ?? failureReason
  return (
    <>
      <PageHeader
        title="Activity"
        lead="How much is done, how fast, and what is left to do. Live."
        actions={
          <div className="activity-window">
            <Choice
              label="Window"
              hideLabel
              options={windows}
              value={window}
              onChange={(chosen) => void navigate({ search: { window: chosen }, replace: true })}
            />
          </div>
        }
      />
      {data === undefined ? (
        fault === null ? (
          <ActivitySkeleton />
        ) : (
          <ErrorState error={fault} retry={() => void refetch()} />
        )
      ) : (
        <div aria-busy={isPlaceholderData}>
          <Shown activity={data} />
        </div>
      )}
    </>
  )
}

function Shown({ activity }: { activity: Activity }) {
  const series = useMemo(() => seriesOf(activity), [activity])
  const [numbers, setNumbers] = useState(false)
  const { total, open, buckets } = activity
  const isQuiet = total.completed + total.failed + open === 0 && buckets.every((bucket) => bucket.open === 0)
  if (isQuiet) return <Quiet window={activity.window} />
  return (
    <>
      <Figures activity={activity} />
      <Charts activity={activity} series={series} />
      <div className="activity-numbers">
        <Button aria-expanded={numbers} onClick={() => setNumbers(!numbers)}>
          {numbers ? 'Hide the numbers' : 'Show the numbers'}
        </Button>
      </div>
      {numbers && <Numbers activity={activity} />}
    </>
  )
}

function Quiet({ window }: { window: ActivityWindow }) {
  const words = windows.find(({ value }) => value === window)?.words
  return (
    <EmptyState
      icon={ActivityIcon}
      title={`Nothing happened in ${words}`}
      actions={
        <ButtonLink to="/" kind="primary">
          Compress files
        </ButtonLink>
      }
    >
      As soon as files are compressed, this shows how many, how fast, and what they saved.
    </EmptyState>
  )
}

const cards = ['throughput', 'open', 'saved', 'errors', 'latency']

function ActivitySkeleton() {
  return (
    <div aria-busy>
      <p className="visually-hidden" role="status">
        Loading the activity
      </p>
      <div className="activity-figures">
        {cards.map((card) => (
          <Card key={card} className="activity-figure">
            <Skeleton width="60%" height="12px" />
            <Skeleton width="80%" height="26px" />
          </Card>
        ))}
      </div>
      <div className="activity-charts">
        {cards.slice(0, 4).map((card) => (
          <Card key={card}>
            <Skeleton height="240px" />
          </Card>
        ))}
      </div>
    </div>
  )
}
