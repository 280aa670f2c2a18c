import { CircleSlash } from 'lucide-react'
import type { Refused } from '../batch/index.ts'
import { Bytes } from '../ui/index.ts'
import './refused-list.css'

/** Files that were not taken, each with the reason. */
export function RefusedList({ refused }: { refused: readonly Refused[] }) {
  return (
    <ul className="refused-list" aria-label="Files that were left out">
      {refused.map(({ name, size, why }) => (
        <li key={name}>
          <CircleSlash size={16} aria-hidden />
          <span className="refused-name" title={name}>
            {name}
          </span>
          <span className="refused-size">
            <Bytes value={size} />
          </span>
          <span className="refused-why">{why}</span>
        </li>
      ))}
    </ul>
  )
}
