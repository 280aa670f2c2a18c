import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type Batch, done, useApi } from '../../api/index.ts'
import { nameOf } from '../../batch/index.ts'
import { Confirm, messageOf, Notice, useFormats, useToast } from '../../ui/index.ts'
import { isBusy } from './use-batches.ts'

/** Asks, then erases a batch with everything in it. */
export function DeleteBatch({ batch, onClose }: { batch: Batch; onClose: () => void }) {
  const api = useApi()
  const queries = useQueryClient()
  const toast = useToast()
  const formats = useFormats()
  const { id, files } = batch
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => done(api.DELETE('/v1/batches/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['batches'] })
      toast(`${nameOf(batch)} is deleted.`)
      onClose()
    },
  })
  const what = files.total === 1 ? 'Its file' : `All ${formats.count(files.total)} files`
  return (
    <Confirm
      title={`Delete ${nameOf(batch)}?`}
      action="Delete batch"
      busy={isPending}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      <p>
        {what}, the originals and the results, are erased from the store. This cannot be undone.
        {isBusy(batch) && ' What is being compressed now is stopped.'}
      </p>
      {error !== null && (
        <Notice tone="bad">{messageOf(error)} Nothing may have been deleted yet: try again.</Notice>
      )}
    </Confirm>
  )
}
