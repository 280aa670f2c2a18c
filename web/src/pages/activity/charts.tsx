import type { ReactNode } from 'react'
import { Chart } from '../../ui/chart/index.ts'
import { Card, useFormats } from '../../ui/index.ts'
import { type ActivitySeries, most } from './series.ts'
import type { Activity } from './use-activity.ts'
import { windows } from './window.ts'

/** Throughput, what is open, savings, errors and times. */
export function Charts({ activity, series }: { activity: Activity; series: ActivitySeries }) {
  const formats = useFormats()
  const words = windows.find(({ value }) => value === activity.window)?.words ?? ''
  const { times, done, failed, saved, open, errorRate, p50, p95 } = series
  const common = { times, byDay: activity.window === '7d', group: 'activity' }
  const rate = (value: number) => formats.decimal(value, value < 10 ? 1 : 0)
  const { total } = activity
  const ended = total.completed + total.failed
  return (
    <div className="activity-charts">
      <ChartCard title="Throughput" unit="files a minute" wide>
        <Chart
          {...common}
          summary={`Files a minute over ${words}: at most ${rate(most(done))} done and ${rate(most(failed))} failed.`}
          format={rate}
          series={[
            { label: 'Done', tone: 'brand', values: done, filled: true },
            { label: 'Failed', tone: 'red', values: failed },
          ]}
        />
      </ChartCard>
      <ChartCard title="Bytes saved" unit="a minute">
        <Chart
          {...common}
          summary={`Bytes saved a minute over ${words}: at most ${formats.bytes(most(saved))}.`}
          format={formats.bytes}
          atLeast={1000}
          series={[{ label: 'Saved', tone: 'brand', values: saved, filled: true }]}
        />
      </ChartCard>
      <ChartCard title="Queue" unit="files that wait or are in work">
        <Chart
          {...common}
          summary={`Open files over ${words}: at most ${formats.count(most(open))}, ${formats.count(activity.open)} now.`}
          format={formats.count}
          atLeast={4}
          series={[{ label: 'Open', tone: 'blue', values: open, filled: true }]}
        />
      </ChartCard>
      <ChartCard title="Error rate" unit="failed of all that ended">
        <Chart
          {...common}
          summary={
            ended === 0
              ? `No file ended in ${words}.`
              : `Error rate over ${words}: ${formats.percent(total.failed / ended)} in all, at most ${formats.percent(most(errorRate))}.`
          }
          format={formats.percent}
          atLeast={0.05}
          series={[{ label: 'Failed', tone: 'red', values: errorRate, filled: true }]}
        />
      </ChartCard>
      <ChartCard title="Time to finish" unit="from queued to done">
        <Chart
          {...common}
          summary={
            total.latencyMs === undefined
              ? `No file ended in ${words}.`
              : `Time from queued to done over ${words}: half within ${formats.duration(total.latencyMs.p50)}, 95% within ${formats.duration(total.latencyMs.p95)}.`
          }
          format={formats.duration}
          atLeast={1000}
          series={[
            { label: 'Half within', tone: 'blue', values: p50 },
            { label: '95% within', tone: 'amber', values: p95 },
          ]}
        />
      </ChartCard>
    </div>
  )
}

function ChartCard({
  title,
  unit,
  wide = false,
  children,
}: {
  title: string
  unit: string
  wide?: boolean
  children: ReactNode
}) {
  return (
    <Card className={wide ? 'activity-chart is-wide' : 'activity-chart'}>
      <h2>
        {title} <span>{unit}</span>
      </h2>
      {children}
    </Card>
  )
}
