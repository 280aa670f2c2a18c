import { Link } from '@tanstack/react-router'
import { History, RotateCcw } from 'lucide-react'
import { useId, useState } from 'react'
import { type ApiFile, sentence } from '../../api/index.ts'
import { Ago, Button, Bytes, DateTime, IconButton } from '../../ui/index.ts'
import { useRetry } from './use-failures.ts'

/** A file with what is wrong with it, and unfolded every attempt there was. */
export function FailedFile({
  file,
  isChosen,
  onChoose,
}: {
  file: ApiFile
  isChosen: boolean
  onChoose: (chosen: boolean) => void
}) {
  const [isOpen, setOpen] = useState(false)
  const { mutate: retry, isPending } = useRetry()
  const id = useId()
  const { name, size, error, attempts, updatedAt, batchId } = file
  return (
    <li className="failed-file">
      <div className="failed-file-row">
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={isChosen}
          onChange={(event) => onChoose(event.target.checked)}
        />
        <div className="failed-file-text">
          <span className="failed-file-name" title={name}>
            {name}
          </span>
          <span className="failed-file-message">{wordsOf(file, error?.message)}</span>
          <span className="failed-file-facts">
            {size !== undefined && (
              <>
                <Bytes value={size} /> ·{' '}
              </>
            )}
            {attempts === 1 ? '1 attempt' : `${attempts} attempts`} · <Ago at={updatedAt} /> ·{' '}
            <Link to="/batches/$batchId" params={{ batchId }} aria-label={`The batch of ${name}`}>
              Batch
            </Link>
          </span>
        </div>
        <Button
          size="small"
          kind="quiet"
          icon={History}
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          aria-label={`History of ${name}`}
          onClick={() => setOpen(!isOpen)}
        >
          <span className="failed-file-word">History</span>
        </Button>
        <IconButton
          icon={RotateCcw}
          label={`Retry ${name}`}
          disabled={isPending}
          onClick={() => retry({ files: [file.id] })}
        />
      </div>
      {isOpen && <Attempts id={id} file={file} />}
    </li>
  )
}

function Attempts({ id, file }: { id: string; file: ApiFile }) {
  const { history = [] } = file.error ?? {}
  return (
    <ol id={id} className="attempts" aria-label={`Attempts at ${file.name}`}>
      <li className="attempt is-begin">
        <span className="attempt-what">Submitted</span>
        <span className="attempt-when">
          <DateTime at={file.createdAt} />
        </span>
      </li>
      {history.map(({ attempt, at, worker, code, message }) => (
        <li key={`${attempt}-${at}`} className="attempt">
          <span className="attempt-what">
            Attempt {attempt} failed <code>{code}</code>
          </span>
          <span className="attempt-when">
            <DateTime at={at} />, worker {worker}
          </span>
          <span className="attempt-message">{wordsOf(file, message)}</span>
        </li>
      ))}
      {history.length === 0 && (
        <li className="attempt">
          <span className="attempt-what">
            Failed without an attempt <code>{file.error?.code}</code>
          </span>
          <span className="attempt-when">
            <DateTime at={file.updatedAt} />
          </span>
          <span className="attempt-message">{wordsOf(file, file.error?.message)}</span>
        </li>
      )}
    </ol>
  )
}

/** The message without the name that stands above it. */
function wordsOf({ name }: ApiFile, message = 'it failed'): string {
  return sentence(message.startsWith(`${name} `) ? message.slice(name.length) : message)
}
