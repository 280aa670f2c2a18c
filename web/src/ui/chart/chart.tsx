import { useEffect, useMemo, useRef, useState } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useFormats } from '../format/formats.tsx'
import './chart.css'
import { useInk } from './ink.ts'

export type ChartTone = 'brand' | 'blue' | 'red' | 'amber'

export interface ChartSeries {
  label: string
  tone: ChartTone
  /** One for each time; null where there is nothing to show. */
  values: readonly (number | null)[]
  /** Filled down to zero. Default false. */
  filled?: boolean
}

interface ChartProps {
  /** What it shows, and the most important of it in words: for who cannot see it. */
  summary: string
  /** Seconds since the epoch, evenly spaced. */
  times: readonly number[]
  series: readonly ChartSeries[]
  /** How a value is written. */
  format: (value: number) => string
  /** Days instead of hours below it. */
  byDay?: boolean
  /** The least the axis shows: a handful of files is no mountain. Default 1. */
  atLeast?: number
  /** Charts of one name show the same moment under the pointer. */
  group: string
}

const height = 190

/** Lines over time. What they are at the pointer, and at the end without one, is written above. */
export function Chart(props: ChartProps) {
  const { summary, times, series, format, byDay = false, atLeast = 1, group } = props
  const formats = useFormats()
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot>(undefined)
  const ink = useInk()
  const [at, setAt] = useState<number>()
  const data = useMemo<UPlot.AlignedData>(
    () => [[...times], ...series.map(({ values }) => [...values])],
    [times, series],
  )
  const latest = useRef({ data, format, formats })
  latest.current = { data, format, formats }
  // A plot is made anew only when what it looks like changes; new values are set into it.
  const looks = JSON.stringify(series.map(({ tone, filled = false }) => ({ tone, filled })))

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const wanted: { tone: ChartTone; filled: boolean }[] = JSON.parse(looks)
    const grid = { stroke: ink.line, width: 1 }
    const axis = { stroke: ink.text, font: `11px ${ink.font}`, grid, ticks: { show: false } }
    const made = new UPlot(
      {
        width: element.clientWidth,
        height,
        padding: [8, 18, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          drag: { x: false, y: false },
          sync: { key: group },
          points: { size: 7 },
        },
        scales: {
          x: { time: true },
          y: { range: (_, __, max) => [0, Math.max(atLeast, (max ?? 0) * 1.12)] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 24,
            gap: 6,
            space: 72,
            values: (_, splits) => splits.map((split) => label(latest.current.formats, split, byDay)),
          },
          {
            ...axis,
            size: 58,
            space: 44,
            values: (_, splits) => splits.map((split) => latest.current.format(split)),
          },
        ],
        series: [
          {},
          ...wanted.map(({ tone, filled }) => ({
            stroke: ink[tone],
            width: 2,
            points: { show: false },
            ...(filled && { fill: faded(ink[tone]) }),
          })),
        ],
        hooks: { setCursor: [(u) => setAt(u.cursor.idx ?? undefined)] },
      },
      latest.current.data,
      element,
    )
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [looks, ink, byDay, atLeast, group])
  useEffect(() => plot.current?.setData(data), [data])

  const shown = at ?? lastShown(series)
  const time = shown === undefined ? undefined : times[shown]
  return (
    <div className="chart">
      <div className="chart-legend" aria-hidden>
        {series.map(({ label: name, tone, values }) => {
          const value = shown === undefined ? undefined : values[shown]
          return (
            <span key={name} className="chart-entry">
              <span className={`chart-mark chart-mark-${tone}`} />
              {name} <b className="number">{value === undefined || value === null ? '–' : format(value)}</b>
            </span>
          )
        })}
        <span className="chart-time number">{time !== undefined && label(formats, time, byDay)}</span>
      </div>
      <div ref={host} className="chart-plot" role="img" aria-label={summary} style={{ height }} />
    </div>
  )
}

function label(
  formats: { clock(at: number): string; day(at: number): string },
  seconds: number,
  byDay: boolean,
): string {
  return byDay ? formats.day(seconds * 1000) : formats.clock(seconds * 1000)
}

/** The last moment that has a value. */
function lastShown(series: readonly ChartSeries[]): number | undefined {
  const last = Math.max(...series.map(({ values }) => values.findLastIndex((value) => value !== null)))
  return last < 0 ? undefined : last
}

/** `rgb(1, 2, 3)` as an area one can see the grid through. */
function faded(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.14)')
}
