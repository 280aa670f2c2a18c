// Not part of ui/index.ts: only the pages with charts load what draws them.
export { Chart, type ChartSeries, type ChartTone } from './chart.tsx'
