import { FolderOpen, ImagePlus } from 'lucide-react'
import { type ChangeEvent, useRef } from 'react'
import { fromList, type Picked } from '../batch/index.ts'
import { Button } from '../ui/index.ts'

interface FileButtonsProps {
  onPick: (picked: readonly Picked[]) => void
  label?: string
  size?: 'small' | 'medium' | 'large'
  disabled?: boolean
}

/** Opens the system's window to choose files, or a folder. */
export function FileButtons({
  onPick,
  label = 'Choose files',
  size = 'medium',
  disabled = false,
}: FileButtonsProps) {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const pick = ({ target }: ChangeEvent<HTMLInputElement>) => {
    onPick(fromList(target.files ?? []))
    // The same files may be chosen again.
    target.value = ''
  }
  return (
    <>
      <Button
        kind={size === 'large' ? 'primary' : 'secondary'}
        size={size}
        icon={ImagePlus}
        value="files"
        disabled={disabled}
        onClick={() => files.current?.click()}
      >
        {label}
      </Button>
      <Button
        kind={size === 'large' ? 'secondary' : 'quiet'}
        size={size}
        icon={FolderOpen}
        value="folder"
        disabled={disabled}
        onClick={() => folder.current?.click()}
      >
        A folder
      </Button>
      <input ref={files} name="files" type="file" multiple hidden aria-label={label} onChange={pick} />
      <input
        ref={folder}
        name="folder"
        type="file"
        multiple
        hidden
        webkitdirectory=""
        aria-label="Choose a folder"
        onChange={pick}
      />
    </>
  )
}
