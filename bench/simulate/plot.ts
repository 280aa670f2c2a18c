import { front, type TraceResults } from '../../internal/autoscale/simulate/index.ts'

/** Families from the back to the front of the picture, with the class that colours them. */
const families = [
  ['DS2', 'ds2'],
  ['KEDA', 'keda'],
  ['Kompressor', 'own'],
] as const

interface Panel {
  x: number
  y: number
  width: number
  height: number
  title: string
  /** More late than this is off the picture. */
  most: number
  large: boolean
}

const width = 960
const ticksLate = [0, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10]

/** All traces as one in a large panel, and each in a small one below. */
export function paretoPlot(all: TraceResults, traces: readonly TraceResults[], oursName: string): string {
  const columns = 3
  const gap = 28
  const small = { width: (width - 40 - gap * (columns - 1) - 40) / columns, height: 130 }
  const large = { x: 70, y: 64, width: width - 110, height: 330, title: '', most: 3, large: true }
  const top = large.y + large.height + 96
  const panels = traces.map((trace, i) => {
    const x = 50 + (i % columns) * (small.width + gap)
    const y = top + Math.floor(i / columns) * (small.height + 62)
    return panel(trace, { x, y, ...small, title: trace.trace, most: mostOf(trace), large: false }, oursName)
  })
  const height = top + Math.ceil(traces.length / columns) * (small.height + 62) - 20
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    '<title>Late tasks against pod-hours: the fronts of Kompressor, KEDA and DS2</title>',
    style,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    text(24, 28, 'Late tasks beyond what nobody can avoid, against pod-hours', 'title'),
    text(
      24,
      47,
      'nine traces together: mean percentage points late; fewer of both is better (down, left)',
      'note',
    ),
    panel(all, large, oursName),
    legend(large, all),
    text(24, top - 34, 'Each trace', 'title'),
    ...panels,
    '</svg>',
    '',
  ].join('\n')
}

function panel(results: TraceResults, where: Panel, oursName: string): string {
  const { x, y, width, height, title, most, large } = where
  const fronts = families.map(([family, name]) => ({
    name,
    points: front(results.results.filter((one) => one.family === family)).filter(({ late }) => late <= most),
  }))
  const ours = results.results.find((one) => one.family === 'Kompressor' && one.name === oursName)
  const shown = [...fronts.flatMap(({ points }) => points), ...(ours === undefined ? [] : [ours])]
  const dearest = Math.max(...shown.map(({ podHours }) => podHours), results.leastPodHours)
  const least = large ? Math.floor(results.leastPodHours / 10) * 10 : 0
  const step = stepOf(dearest - least)
  const right = Math.ceil(dearest / step) * step
  const xOf = (podHours: number) => x + ((podHours - least) / (right - least)) * width
  // Square roots: zero has a place, and small differences among good ones can be seen.
  const yOf = (late: number) => y + height - Math.sqrt(Math.max(0, late) / most) * height
  const parts = [
    ...(title === '' ? [] : [text(x, y - 9, title, 'name')]),
    ...ticksLate
      .filter((tick) => tick <= most && (large || tick === 0 || tick >= most / 5))
      .map((tick) => {
        const line = `<line class="grid" x1="${x}" x2="${x + width}" y1="${r(yOf(tick))}" y2="${r(yOf(tick))}"/>`
        return line + text(x - 6, yOf(tick) + 4, String(tick), 'tick end')
      }),
    ...range(least, right, step).map((tick) => text(xOf(tick), y + height + 16, String(tick), 'tick middle')),
    `<line class="least" x1="${r(xOf(results.leastPodHours))}" x2="${r(xOf(results.leastPodHours))}" y1="${y}" y2="${y + height}"/>`,
    ...fronts.map(({ name, points }) => {
      const path = points.map(({ podHours, late }) => `${r(xOf(podHours))},${r(yOf(late))}`)
      const dots = points.map((one) => {
        return `<circle class="${name} dot" cx="${r(xOf(one.podHours))}" cy="${r(yOf(one.late))}" r="${large ? 3.5 : 2}"/>`
      })
      return `<polyline class="${name} line" points="${path.join(' ')}"/>${dots.join('')}`
    }),
  ]
  if (ours !== undefined) {
    const [cx, cy] = [xOf(ours.podHours), yOf(ours.late)]
    parts.push(`<circle class="ring" cx="${r(cx)}" cy="${r(cy)}" r="${large ? 8 : 5}"/>`)
    if (large) parts.push(text(cx - 4, cy + 24, 'the defaults', 'own label end'))
  }
  if (large) {
    parts.push(text(xOf(results.leastPodHours) + 6, y + 12, 'every slot busy all the time', 'note'))
    parts.push(text(x + width, y + height + 34, 'pod-hours', 'note end'))
  }
  return parts.join('\n')
}

function legend({ x, y, width }: Panel, { results }: TraceResults): string {
  const settings = results.filter(({ family }) => family === 'KEDA').length
  const labels = { ds2: 'DS2', keda: `KEDA and HPA, ${settings} settings`, own: 'Kompressor' }
  return families
    .toReversed()
    .map(([, name], i) => {
      const [left, top] = [x + width - 210, y + 22 + i * 20]
      return (
        `<line class="${name} line" x1="${left}" x2="${left + 22}" y1="${top}" y2="${top}"/>` +
        `<circle class="${name} dot" cx="${left + 11}" cy="${top}" r="3.5"/>` +
        text(left + 30, top + 4, labels[name], 'name')
      )
    })
    .join('\n')
}

/** High enough for all of our front and for the better half of what others have. */
function mostOf({ results }: TraceResults): number {
  const own = Math.max(...results.filter(({ family }) => family === 'Kompressor').map(({ late }) => late))
  const others = results.map(({ late }) => late).sort((a, b) => a - b)
  return Math.max(0.5, own * 1.1, others[Math.floor(others.length / 2)] ?? 0)
}

function stepOf(span: number): number {
  return [1, 2, 5, 10, 20, 50].find((step) => span / step <= 9) ?? 100
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, i) => from + i * step)
}

function text(x: number, y: number, content: string, classes: string): string {
  return `<text class="${classes}" x="${r(x)}" y="${r(y)}">${content}</text>`
}

function r(value: number): number {
  return Math.round(value * 10) / 10
}

const style = `<style>
.paper{fill:#fff}.title{font-size:16px;font-weight:600;fill:#111827}.name{fill:#111827}.note,.tick{fill:#6b7280}
.label{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:#e5e7eb}
.least{stroke:#9ca3af;stroke-dasharray:4 4}.line{fill:none;stroke-width:2}
.own.line{stroke:#2563eb}.keda.line{stroke:#d97706}.ds2.line{stroke:#9ca3af}
.own.dot,.own.label{fill:#2563eb}.keda.dot{fill:#d97706}.ds2.dot{fill:#9ca3af}.ring{fill:none;stroke:#2563eb;stroke-width:2}
@media (prefers-color-scheme:dark){.paper{fill:#0d1117}.title,.name{fill:#e6edf3}.note,.tick{fill:#9198a1}.grid{stroke:#2a313c}
.own.line,.ring{stroke:#60a5fa}.own.dot,.own.label{fill:#60a5fa}.keda.line{stroke:#f59e0b}.keda.dot{fill:#f59e0b}}
</style>`
