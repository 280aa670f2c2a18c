import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import type { ApiFile, Failure } from '../../api/index.ts'
import { Button, ErrorState, Skeleton, useFormats } from '../../ui/index.ts'
import { FailedFile } from './failed-file.tsx'
import { useFailedFiles, useRetry } from './use-failures.ts'

/** The files a cause happened to. Some of them can be chosen and tried again. */
export function CauseFiles({ cause }: { cause: Failure }) {
  const { data, error, failureReason, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useFailedFiles(cause.code)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  if (data === undefined) {
    const fault = error ?? failureReason
    if (fault !== null) return <ErrorState error={fault} retry={() => void refetch()} />
    return (
      <div className="cause-loading" aria-busy>
        <Skeleton height="44px" />
        <Skeleton height="44px" />
      </div>
    )
  }
  const files = data.pages.flatMap(({ items }) => items)
  const choose = (ids: readonly string[], wanted: boolean) => {
    const next = new Set(chosen)
    for (const id of ids) wanted ? next.add(id) : next.delete(id)
    setChosen(next)
  }
  return (
    <>
      <Selection files={files} chosen={chosen} onChoose={choose} />
      <ul className="failed-files" aria-label={`Files: ${cause.title}`}>
        {files.map((file) => (
          <FailedFile
            key={file.id}
            file={file}
            isChosen={chosen.has(file.id)}
            onChoose={(wanted) => choose([file.id], wanted)}
          />
        ))}
      </ul>
      {hasNextPage && (
        <div className="cause-more">
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more files
          </Button>
        </div>
      )}
    </>
  )
}

/** Choosing all that are shown, and what can be done with the chosen ones. */
function Selection({
  files,
  chosen,
  onChoose,
}: {
  files: readonly ApiFile[]
  chosen: ReadonlySet<string>
  onChoose: (ids: readonly string[], wanted: boolean) => void
}) {
  const formats = useFormats()
  const { mutate: retry, isPending } = useRetry()
  // Those that were tried again meanwhile are not in the list any more.
  const ids = files.map(({ id }) => id)
  const selected = ids.filter((id) => chosen.has(id))
  const all = selected.length === ids.length && ids.length > 0
  return (
    <div className="selection">
      <label className="selection-all">
        <input
          type="checkbox"
          checked={all}
          ref={(box) => {
            if (box !== null) box.indeterminate = selected.length > 0 && !all
          }}
          onChange={() => onChoose(ids, !all)}
        />
        {selected.length === 0
          ? `Select all ${formats.count(ids.length)} shown`
          : `${formats.count(selected.length)} selected`}
      </label>
      <Button
        size="small"
        icon={RotateCcw}
        busy={isPending}
        disabled={selected.length === 0}
        onClick={() => retry({ files: selected }, { onSuccess: () => onChoose(selected, false) })}
      >
        Retry selected
      </Button>
    </div>
  )
}
