import { type ReactNode, useMemo } from 'react'
import type { JobDetail } from '../../api/index.ts'
import { historyOf } from '../../job/index.ts'
import { Chart } from '../../ui/chart/index.ts'
import { Card, useFormats } from '../../ui/index.ts'

/** Workers over time, and what their number was made of. */
export function Workers({ job }: { job: JobDetail }) {
  const formats = useFormats()
  const history = useMemo(() => historyOf(job.decisions), [job.decisions])
  const { most } = job.replicas ?? {}
  if (history === undefined) return null
  const { times, decided, ready, need, capacity, work } = history
  const common = { times, group: 'job' }
  const count = (value: number) => formats.decimal(value, value < 10 ? 1 : 0)
  const greatest = (values: readonly (number | null)[]) => Math.max(0, ...values.map((value) => value ?? 0))
  return (
    <>
      <ChartCard title="Workers" unit={most === undefined ? 'pods' : `pods, at most ${formats.count(most)}`}>
        <Chart
          {...common}
          summary={`Workers over time: ${formats.count(decided.at(-1) ?? 0)} wanted now, at most ${formats.count(greatest(decided))}; ${formats.count(ready.at(-1) ?? 0)} ready now.`}
          format={count}
          atLeast={2}
          series={[
            { label: 'Wanted', tone: 'blue', values: decided },
            { label: 'Ready', tone: 'brand', values: ready, filled: true },
          ]}
        />
      </ChartCard>
      <ChartCard title="Why" unit="slots the work needs, slots of the workers">
        <Chart
          {...common}
          summary={`Slots over time: the work needs ${count(need.at(-1) ?? 0)} now, at most ${count(greatest(need))}.`}
          format={count}
          atLeast={2}
          series={[
            { label: 'Needed', tone: 'amber', values: need },
            { label: 'There', tone: 'blue', values: capacity },
          ]}
        />
      </ChartCard>
      <ChartCard title="Work waiting" unit="minutes of one slot, predicted">
        <Chart
          {...common}
          summary={`Work waiting over time: ${formats.duration((work.at(-1) ?? 0) * 1000)} now, at most ${formats.duration(greatest(work) * 1000)}.`}
          format={(seconds) => formats.decimal(seconds / 60)}
          atLeast={60}
          series={[{ label: 'Waiting', tone: 'blue', values: work, filled: true }]}
        />
      </ChartCard>
    </>
  )
}

function ChartCard({ title, unit, children }: { title: string; unit: string; children: ReactNode }) {
  return (
    <Card className="job-card">
      <h2>
        {title} <span>{unit}</span>
      </h2>
      {children}
    </Card>
  )
}
