import type { JobDetail } from '../../api/index.ts'
import { toneOf, words } from '../../job/index.ts'
import { Ago, Badge, Card } from '../../ui/index.ts'

/** What holds of the job, why, and since when. */
export function Conditions({ conditions }: { conditions: JobDetail['conditions'] }) {
  return (
    <Card className="job-card is-wide">
      <h2>
        Conditions <span>as kubectl describe has them</span>
      </h2>
      <ul className="job-conditions">
        {conditions.map((condition) => (
          <li key={condition.type}>
            <p>
              <b>{words(condition.type)}</b> <Badge tone={toneOf(condition)}>{condition.status}</Badge>
              <span className="job-since">
                {condition.reason} · <Ago at={condition.lastTransitionTime} />
              </span>
            </p>
            <p className="job-message">{condition.message}</p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
