import type { JobDetail } from '../../api/index.ts'
import { Card, Stat, Stats, useFormats } from '../../ui/index.ts'

type Summary = NonNullable<JobDetail['estimate']>
type Part = NonNullable<Summary['byType']>[number]
type Example = NonNullable<Summary['best']>[number]

/** What a job of mode Estimate says a run would save. */
export function Estimate({ estimate }: { estimate: Summary }) {
  const formats = useFormats()
  const { bytes = 0, bytesSaved = 0, low = 0, high = 0, files = 0, sampled = 0 } = estimate
  const { coreHours, duration, monthlySavings, costs, byType = [], byPrefix = [] } = estimate
  const share = (saved: number) => formats.percent(bytes === 0 ? 0 : saved / bytes)
  return (
    <Card className="job-figures">
      <Stats>
        <Stat label="Would be saved">
          {formats.bytes(bytesSaved)}, {share(bytesSaved)}
        </Stat>
        <Stat label="With 95 % confidence">
          {share(low)} – {share(high)}
        </Stat>
        <Stat label="Looked at">
          {formats.count(sampled)} of {formats.count(files)} files
        </Stat>
        {coreHours !== undefined && <Stat label="Core-hours">{formats.decimal(coreHours)}</Stat>}
        {duration !== undefined && <Stat label="At most workers">{duration}</Stat>}
        {monthlySavings !== undefined && (
          <Stat label="Saved a month">${formats.decimal(monthlySavings)}</Stat>
        )}
        {costs !== undefined && <Stat label="Paid once">${formats.decimal(costs)}</Stat>}
      </Stats>
      <Parts title="By type" parts={byType} />
      {byPrefix.length > 1 && <Parts title="By folder" parts={byPrefix} />}
      <div className="job-grid">
        <Examples title="Best examples" examples={estimate.best} />
        <Examples title="Worst examples" examples={estimate.worst} />
      </div>
    </Card>
  )
}

function Parts({ title, parts }: { title: string; parts: readonly Part[] }) {
  const formats = useFormats()
  if (parts.length === 0) return null
  return (
    <table className="job-parts">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Files</th>
          <th scope="col">Size</th>
          <th scope="col">Would save</th>
          <th scope="col">95 % between</th>
        </tr>
      </thead>
      <tbody>
        {parts.map(({ name, files, bytes, bytesSaved, low, high }) => {
          const share = (saved: number) => formats.percent(bytes === 0 ? 0 : saved / bytes)
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number">{formats.count(files)}</td>
              <td className="number">{formats.bytes(bytes)}</td>
              <td className="number">
                {formats.bytes(bytesSaved)}, {share(bytesSaved)}
              </td>
              <td className="number">
                {share(low)} – {share(high)}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** Sizes before and after, one above the other: the bar of the second is as much shorter as the file is. */
function Examples({ title, examples = [] }: { title: string; examples?: readonly Example[] | undefined }) {
  const formats = useFormats()
  if (examples.length === 0) return null
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul className="job-examples">
        {examples.map(({ path, bytesIn, bytesOut, score, reason }) => (
          <li key={path}>
            <span className="job-example-path">{path}</span>
            <meter min={0} max={bytesIn} value={bytesOut} aria-label={`What would be left of ${path}`} />
            <span className="number">
              {formats.bytes(bytesIn)} → {formats.bytes(bytesOut)}
              {score !== undefined && `, score ${formats.decimal(score)}`}
              {reason !== undefined && `, ${reason.replaceAll('_', ' ')}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
