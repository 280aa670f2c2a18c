import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { CircleStop, Download, Pause, Play, Plus, RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { dataOf, done, useApi } from '../../api/index.ts'
import { type BatchModel, nameOf, tagsOf } from '../../batch/index.ts'
import {
  Ago,
  Button,
  ButtonAnchor,
  ButtonLink,
  Confirm,
  messageOf,
  PageHeader,
  useToast,
} from '../../ui/index.ts'
import { type UploadTotals, useUploads } from '../../uploads/index.ts'

interface HeaderProps {
  model: BatchModel
  uploads: UploadTotals
}

/** Which batch it is, and what can be done with all of it. */
export function Header({ model, uploads }: HeaderProps) {
  const { batch } = model
  return (
    <PageHeader
      title={nameOf(batch)}
      lead={
        <span className="batch-lead">
          <span>
            Started <Ago at={batch.createdAt} />
          </span>
          {tagsOf(batch).map((tag) => (
            <Link
              key={tag}
              to="/batches"
              search={{ tags: [tag] }}
              className="tag"
              title={`Batches with ${tag}`}
            >
              {tag}
            </Link>
          ))}
        </span>
      }
      actions={<Actions model={model} uploads={uploads} />}
    />
  )
}

function Actions({ model, uploads }: HeaderProps) {
  const { batch, sums } = model
  const api = useApi()
  const queries = useQueryClient()
  const engine = useUploads()
  const toast = useToast()
  const navigate = useNavigate()
  const [isAsked, setIsAsked] = useState<'cancel' | 'delete'>()
  const params = { path: { id: batch.id } }
  const onError = (error: unknown) => toast(messageOf(error), 'bad')
  const retry = useMutation({
    mutationFn: () => dataOf(api.POST('/v1/batches/{id}/retry', { params, body: {} })),
    onError,
  })
  const cancel = useMutation({
    mutationFn: () => dataOf(api.POST('/v1/batches/{id}/cancel', { params })),
    onMutate: () => engine.dropBatch(batch.id),
    onSettled: () => setIsAsked(undefined),
    onError,
  })
  const remove = useMutation({
    mutationFn: () => done(api.DELETE('/v1/batches/{id}', { params })),
    onMutate: () => engine.dropBatch(batch.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['batches'] })
      toast('The batch is deleted.')
      await navigate({ to: '/' })
    },
    onError,
  })
  const isOpen = sums.pending + sums.queued + sums.processing > 0
  return (
    <>
      {sums.completed > 0 && (
        <ButtonAnchor kind="primary" icon={Download} href={`/v1/batches/${batch.id}/archive`} download>
          Download all
        </ButtonAnchor>
      )}
      {uploads.active > 0 && (
        <Button icon={Pause} onClick={() => engine.pauseBatch(batch.id)}>
          Pause
        </Button>
      )}
      {uploads.active === 0 && uploads.paused > 0 && (
        <Button icon={Play} kind="primary" onClick={() => engine.resumeBatch(batch.id)}>
          Resume
        </Button>
      )}
      {sums.failed > 0 && (
        <Button icon={RotateCcw} busy={retry.isPending} onClick={() => retry.mutate()}>
          Retry failed
        </Button>
      )}
      {isOpen ? (
        <Button kind="danger" icon={CircleStop} onClick={() => setIsAsked('cancel')}>
          Cancel
        </Button>
      ) : (
        <>
          <ButtonLink to="/" icon={Plus}>
            New
          </ButtonLink>
          <Button kind="danger" icon={Trash2} onClick={() => setIsAsked('delete')}>
            Delete
          </Button>
        </>
      )}
      {isAsked === 'cancel' && (
        <Confirm
          title="Stop this batch?"
          action="Stop it"
          busy={cancel.isPending}
          onConfirm={() => cancel.mutate()}
          onClose={() => setIsAsked(undefined)}
        >
          What is compressed already stays here to be downloaded. Files that are not done are cancelled.
        </Confirm>
      )}
      {isAsked === 'delete' && (
        <Confirm
          title="Delete this batch?"
          action="Delete it"
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setIsAsked(undefined)}
        >
          The uploads and what was made of them are erased. Nothing brings them back.
        </Confirm>
      )}
    </>
  )
}
