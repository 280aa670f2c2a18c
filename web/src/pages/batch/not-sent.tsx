import { RotateCcw } from 'lucide-react'
import { whyNotSent } from '../../batch/index.ts'
import { Button, Notice, useFormats } from '../../ui/index.ts'
import { type UploadTotals, useUploads } from '../../uploads/index.ts'

/** Files that could not be sent and are not tried again by themselves. They stay in the page until they are. */
export function NotSent({ batchId, uploads: { failed, error } }: { batchId: string; uploads: UploadTotals }) {
  const engine = useUploads()
  const formats = useFormats()
  if (failed === 0 || error === undefined) return null
  return (
    <Notice
      tone="bad"
      actions={
        <Button icon={RotateCcw} onClick={() => engine.retryBatch(batchId)}>
          Send {failed === 1 ? 'it' : 'them'} again
        </Button>
      }
    >
      <strong>
        {failed === 1 ? '1 file could not be sent.' : `${formats.count(failed)} files could not be sent.`}
      </strong>{' '}
      {whyNotSent(error)}
    </Notice>
  )
}
