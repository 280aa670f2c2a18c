import { Download } from 'lucide-react'
import { useLayoutEffect, useState } from 'react'
import { fromTransfer, type Picked } from '../batch/index.ts'
import { messageOf, useToast } from '../ui/index.ts'
import './drop-overlay.css'

/** Shows that files may be dropped anywhere, while some are dragged over the window. */
export function DropOverlay({ onDrop }: { onDrop: (picked: readonly Picked[]) => void }) {
  const [isOver, setIsOver] = useState(false)
  const toast = useToast()
  useLayoutEffect(() => {
    // Elements inside are entered before the ones around them are left.
    let depth = 0
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return
      depth += 1
      setIsOver(true)
    }
    const leave = () => {
      depth = Math.max(0, depth - 1)
      if (depth === 0) setIsOver(false)
    }
    const over = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault()
    }
    const drop = (event: DragEvent) => {
      depth = 0
      setIsOver(false)
      if (event.dataTransfer === null || !hasFiles(event)) return
      event.preventDefault()
      fromTransfer(event.dataTransfer).then(onDrop, (error: unknown) =>
        toast(`The browser could not read what was dropped: ${messageOf(error)}`, 'bad'),
      )
    }
    const handlers = { dragenter: enter, dragleave: leave, dragover: over, drop } as const
    for (const [type, handler] of Object.entries(handlers)) {
      window.addEventListener(type as keyof typeof handlers, handler)
    }
    return () => {
      for (const [type, handler] of Object.entries(handlers)) {
        window.removeEventListener(type as keyof typeof handlers, handler)
      }
    }
  }, [onDrop, toast])
  if (!isOver) return null
  return (
    <div className="drop-overlay" aria-hidden>
      <div>
        <Download size={40} strokeWidth={1.5} />
        <p>Drop to compress</p>
      </div>
    </div>
  )
}
