import { ChevronDown, RotateCcw } from 'lucide-react'
import { useId } from 'react'
import type { Failure } from '../../api/index.ts'
import { Badge, Button, Card, useFormats } from '../../ui/index.ts'
import { CauseFiles } from './cause-files.tsx'
import { useRetry } from './use-failures.ts'

/** One cause: what it is, what to do about it, and unfolded the files it happened to. */
export function Cause({
  cause,
  isOpen,
  onToggle,
}: {
  cause: Failure
  isOpen: boolean
  onToggle: () => void
}) {
  const formats = useFormats()
  const { mutate: retry, isPending } = useRetry()
  const id = useId()
  const { code, title, help, retryable, count, samples } = cause
  const files = `${formats.count(count)} ${count === 1 ? 'file' : 'files'}`
  return (
    <Card padded={false} className="cause">
      <header className="cause-header">
        <div className="cause-text">
          <h2>
            <button
              type="button"
              className="cause-toggle"
              aria-expanded={isOpen}
              aria-controls={isOpen ? id : undefined}
              onClick={onToggle}
            >
              {title}
              <ChevronDown size={18} aria-hidden />
            </button>
          </h2>
          <p className="cause-help">{help}</p>
          <p className="cause-facts">
            <Badge tone="bad">{files}</Badge>
            {retryable && <Badge tone="warn">May work next time</Badge>}
            <code>{code}</code>
          </p>
        </div>
        <Button
          size="small"
          icon={RotateCcw}
          busy={isPending}
          aria-label={`Retry ${files} of the cause: ${title}`}
          onClick={() => retry({ codes: [code] })}
        >
          {count === 1 ? 'Retry' : `Retry ${formats.count(count)}`}
        </Button>
      </header>
      {isOpen ? (
        <div id={id} className="cause-files">
          <CauseFiles cause={cause} />
        </div>
      ) : (
        <p className="cause-samples">
          {samples.map(({ name }) => name).join(', ')}
          {count > samples.length && ` and ${formats.count(count - samples.length)} more`}
        </p>
      )}
    </Card>
  )
}
