import { useState } from 'react'
import type { JobDecision } from '../../api/index.ts'
import { told, words } from '../../job/index.ts'
import { Ago, Button, Card, useFormats } from '../../ui/index.ts'

/** Decisions shown before somebody asks for more. */
const shownFirst = 10

/** Why there are as many workers as there are: each decision in a sentence, with the numbers it was made of. */
export function Decisions({ decisions }: { decisions: readonly JobDecision[] }) {
  const [all, setAll] = useState(false)
  const runs = told(decisions)
  return (
    <Card className="job-card job-decisions">
      <h2>
        Decisions <span>about the number of workers, newest first</span>
      </h2>
      {runs.length === 0 ? (
        <p className="job-none">Nothing has been decided yet.</p>
      ) : (
        <ol>
          {(all ? runs : runs.slice(0, shownFirst)).map((run) => (
            <li key={run.since}>
              <details>
                <summary>
                  <span className="number job-decision-pods">{run.replicas}</span>
                  <span className="job-decision-text">
                    {run.sentence}
                    <span className="job-since">
                      {words(run.reason)} · <Ago at={run.at} />
                      {run.times > 1 && (
                        <>
                          , since <Ago at={run.since} />
                        </>
                      )}
                    </span>
                  </span>
                </summary>
                <Terms terms={run.terms} />
              </details>
            </li>
          ))}
        </ol>
      )}
      {!all && runs.length > shownFirst && (
        <Button onClick={() => setAll(true)}>Show all {runs.length}</Button>
      )}
    </Card>
  )
}

/** From what there is to what is done about it; the database keeps no order. Others come last. */
const order = [
  'openTasks',
  'records',
  'partitions',
  'work',
  'arrival',
  'serviceP95',
  'drain',
  'need',
  'hot',
  'bound',
  'slots',
  'pods',
  'wanted',
  'highest',
  'current',
  'replicas',
]
const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)

function Terms({ terms }: { terms: JobDecision['terms'] }) {
  const formats = useFormats()
  const entries = Object.entries(terms).toSorted(([a], [b]) => rank(a) - rank(b))
  return (
    <dl className="job-terms">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{words(name)}</dt>
          <dd className="number">{formats.decimal(value, 1)}</dd>
        </div>
      ))}
    </dl>
  )
}
