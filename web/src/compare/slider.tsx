import { ChevronsLeftRight, Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Button, IconButton, useFormats } from '../ui/index.ts'
import { fitScale, fitted, pan, type Size, type View, zoomAt } from './view.ts'

interface SliderProps {
  before: string
  after: string
  name: string
  /** Called with the size of the picture before, once it is known. */
  onSize: (size: Size) => void
}

const noSize: Size = { width: 0, height: 0 }

/**
 * Two pictures in one place, the left part of one and the right part of the other. Drag the line, or elsewhere once the
 * picture is larger than its window; turn the wheel or pinch to come closer.
 */
export function Slider({ before, after, name, onSize }: SliderProps) {
  const frame = useRef<HTMLDivElement>(null)
  const frameSize = useSize(frame)
  const formats = useFormats()
  const [picture, setPicture] = useState(noSize)
  const [position, setPosition] = useState(50)
  const [chosen, setChosen] = useState<View>()
  const [broken, setBroken] = useState<'before' | 'after'>()
  const view = chosen ?? fitted(picture, frameSize)
  const isFit = view.scale <= fitScale(picture, frameSize) + 1e-6
  const pointers = useRef(new Map<number, { x: number; y: number }>())
  const drag = useRef<'line' | 'picture'>(undefined)

  const fromMiddle = (clientX: number, clientY: number) => {
    const box = frame.current?.getBoundingClientRect()
    if (box === undefined) return { x: 0, y: 0 }
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 }
  }
  const zoom = (factor: number, point = { x: 0, y: 0 }) =>
    setChosen(zoomAt(view, point, view.scale * factor, picture, frameSize))
  const moveLine = (clientX: number) => {
    const { x } = fromMiddle(clientX, 0)
    if (frameSize.width > 0) setPosition(Math.min(100, Math.max(0, (x / frameSize.width + 0.5) * 100)))
  }

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
    const line = ((position - 50) / 100) * frameSize.width
    const isNear = Math.abs(fromMiddle(event.clientX, 0).x - line) < 28
    drag.current = isNear || isFit ? 'line' : 'picture'
    if (drag.current === 'line' && pointers.current.size === 1) moveLine(event.clientX)
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const last = pointers.current.get(event.pointerId)
    if (last === undefined) return
    const now = { x: event.clientX, y: event.clientY }
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1]
    pointers.current.set(event.pointerId, now)
    if (other !== undefined) {
      const middle = fromMiddle((now.x + other.x) / 2, (now.y + other.y) / 2)
      zoom(distance(now, other) / Math.max(1, distance(last, other)), middle)
    } else if (drag.current === 'line') moveLine(now.x)
    else setChosen(pan(view, { x: now.x - last.x, y: now.y - last.y }, picture, frameSize))
  }
  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => pointers.current.delete(event.pointerId)

  // React listens to wheels passively, and the page must not scroll.
  useEffect(() => {
    const element = frame.current
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      zoom(Math.exp(-event.deltaY * 0.0016), fromMiddle(event.clientX, event.clientY))
    }
    element?.addEventListener('wheel', onWheel, { passive: false })
    return () => element?.removeEventListener('wheel', onWheel)
  })

  const placed = {
    width: picture.width * view.scale,
    height: picture.height * view.scale,
    transform: `translate(-50%, -50%) translate(${view.x}px, ${view.y}px)`,
    imageRendering: view.scale > 2 ? ('pixelated' as const) : ('auto' as const),
  }
  return (
    <div className="slider">
      <div
        ref={frame}
        className="slider-frame"
        data-fit={isFit}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
      >
        <div className="slider-layer">
          <img
            src={after}
            alt={`${name} after compression`}
            draggable={false}
            style={placed}
            onError={() => setBroken('after')}
          />
        </div>
        <div className="slider-layer" style={{ clipPath: `inset(0 ${100 - position}% 0 0)` }}>
          <img
            src={before}
            alt={`${name} before`}
            draggable={false}
            style={placed}
            onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => {
              setPicture({ width, height })
              onSize({ width, height })
            }}
            onError={() => setBroken('before')}
          />
        </div>
        <input
          type="range"
          className="slider-range visually-hidden"
          aria-label="How much of the picture before is shown"
          min={0}
          max={100}
          step={1}
          value={Math.round(position)}
          onChange={(event) => setPosition(event.target.valueAsNumber)}
        />
        <div className="slider-line" style={{ left: `${position}%` }} aria-hidden>
          <span>
            <ChevronsLeftRight size={18} />
          </span>
        </div>
        <span className="slider-tag is-before" aria-hidden>
          Before
        </span>
        <span className="slider-tag is-after" aria-hidden>
          After
        </span>
        {broken !== undefined && (
          <p className="slider-broken" role="alert">
            {broken === 'before'
              ? 'This browser cannot show the original (TIFF, for instance). Both can be downloaded.'
              : 'The picture could not be loaded. It may have been deleted.'}
          </p>
        )}
      </div>
      <div className="slider-tools">
        <IconButton icon={ZoomOut} label="Zoom out" disabled={isFit} onClick={() => zoom(1 / 1.5)} />
        <span className="slider-scale number">{formats.wholePercent(view.scale)}</span>
        <IconButton icon={ZoomIn} label="Zoom in" onClick={() => zoom(1.5)} />
        <Button kind="quiet" size="small" onClick={() => zoom(1 / view.scale)}>
          1 : 1
        </Button>
        <IconButton
          icon={Maximize}
          label="See all of it"
          disabled={isFit}
          onClick={() => setChosen(undefined)}
        />
      </div>
    </div>
  )
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

function useSize(of: { readonly current: HTMLElement | null }): Size {
  const [size, setSize] = useState(noSize)
  useLayoutEffect(() => {
    const element = of.current
    if (element === null) return
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [of])
  return size
}
