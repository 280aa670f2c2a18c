import { useState } from 'react'
import { useApi } from '../../api/index.ts'
import { type BatchModel, goOn, type Picked } from '../../batch/index.ts'
import { FileButtons } from '../../intake/index.ts'
import { messageOf, Notice, useFormats, useToast } from '../../ui/index.ts'
import { type UploadTotals, useUploads } from '../../uploads/index.ts'

/** Files that wait for bytes no page is sending: what is left when the page was closed in the middle. */
export function Missing({ model, uploads }: { model: BatchModel; uploads: UploadTotals }) {
  const { batch, sums } = model
  const api = useApi()
  const engine = useUploads()
  const formats = useFormats()
  const toast = useToast()
  const [isLooking, setIsLooking] = useState(false)
  const missing = sums.pending - uploads.files
  if (missing <= 0 || uploads.files > 0 || batch.state === 'cancelled') return null
  const pick = async (picked: readonly Picked[]) => {
    setIsLooking(true)
    const waiting = model.rows.filter(({ state }) => state === 'pending')
    try {
      const found = await goOn({ api, uploads: engine }, batch.id, waiting, picked)
      if (found === 0) toast('None of these is waited for: names or sizes differ.', 'bad')
    } catch (error) {
      toast(messageOf(error), 'bad')
    } finally {
      setIsLooking(false)
    }
  }
  return (
    <Notice
      tone="warn"
      actions={
        <div className="missing-actions">
          <FileButtons
            label="Choose them again"
            disabled={isLooking}
            onPick={(picked) => void pick(picked)}
          />
        </div>
      }
    >
      <strong>
        {missing === 1
          ? '1 file has not been uploaded.'
          : `${formats.count(missing)} files have not been uploaded.`}
      </strong>{' '}
      If this page was left before they were sent, choose them again to go on where it stopped.
    </Notice>
  )
}
