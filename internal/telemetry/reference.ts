import type { LabelValues, MetricDescription } from './instruments.ts'

/** The reference of all metrics in Markdown. */
export function metricsReference(descriptions: readonly MetricDescription[]): string {
  const rows = descriptions.map(({ name, type, help, labels }) => {
    const shown = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${valuesText(values)}`)
    return `| \`${name}\` | ${type} | ${shown.join('<br>')} | ${help} |`
  })
  const buckets = descriptions.flatMap(({ name, buckets }) =>
    buckets === undefined ? [] : [`| \`${name}\` | ${buckets.join(', ')} |`],
  )
  return [
    '# Metrics',
    '<!-- Generated from internal/telemetry by `npm run generate`. -->',
    'Served at `/metrics` in the Prometheus text format. Times are in seconds and sizes in bytes, as the names say. Labels ' +
      'have few values: never a file, a batch or a path. The usual `process_*` and `nodejs_*` metrics are served too.',
    ['| name | type | labels | what it counts |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    '## Buckets',
    ['| histogram | upper bounds, in seconds |', '| --- | --- |', ...buckets, ''].join('\n'),
  ].join('\n\n')
}

/** Long lists are the error codes, which have a reference of their own. */
function valuesText(values: LabelValues): string {
  if ('bounded' in values) return values.bounded
  return values.length > 12 ? 'an error code' : values.map((value) => `\`${value}\``).join(' ')
}
