import { ChevronLeft, ChevronRight, Download } from 'lucide-react'
import { useState } from 'react'
import { type Row, whyKept } from '../batch/index.ts'
import { ButtonAnchor, Bytes, Dialog, IconButton, Percent, useFormats } from '../ui/index.ts'
import { originalUrl, outputUrl } from './picture.ts'
import { Slider } from './slider.tsx'
import type { Size } from './view.ts'
import './compare.css'

interface CompareProps {
  row: Row
  /** What can be gone through, in order. */
  others: readonly Row[]
  onShow: (id: string) => void
  onClose: () => void
}

/** A file before and after, one over the other, with what each weighs. */
export function Compare({ row, others, onShow, onClose }: CompareProps) {
  const { result } = row
  if (result === undefined) return null
  const at = others.findIndex(({ id }) => id === row.id)
  const goTo = (step: number) => {
    const next = others[at + step]
    if (next !== undefined) onShow(next.id)
  }
  const isCompressed = result.outcome === 'compressed'
  return (
    <Dialog title={row.name} size="full" onClose={onClose}>
      <div className="compare">
        {isCompressed ? (
          <Pair key={row.id} row={row} />
        ) : (
          <figure className="compare-single">
            <img src={outputUrl(row)} alt={row.name} />
          </figure>
        )}
        <footer className="compare-footer">
          {others.length > 1 && (
            <div className="compare-steps">
              <IconButton
                icon={ChevronLeft}
                label="Picture before"
                disabled={at <= 0}
                onClick={() => goTo(-1)}
              />
              <span className="number">
                {at + 1} / {others.length}
              </span>
              <IconButton
                icon={ChevronRight}
                label="Next picture"
                disabled={at === others.length - 1}
                onClick={() => goTo(1)}
              />
            </div>
          )}
          {isCompressed ? (
            <p className="compare-saved">
              <strong>
                <Percent ratio={1 - result.bytesOut / result.bytesIn} />
              </strong>{' '}
              smaller
            </p>
          ) : (
            <p>{whyKept(result)}</p>
          )}
          <ButtonAnchor kind="primary" icon={Download} href={outputUrl(row)} download>
            Download
          </ButtonAnchor>
        </footer>
      </div>
    </Dialog>
  )
}

function Pair({ row }: { row: Row }) {
  const [original, setOriginal] = useState<Size>()
  const { result } = row
  if (result?.output === undefined) return null
  const { output, bytesIn, bytesOut } = result
  return (
    <>
      <dl className="compare-sides">
        <Side label="Before" bytes={bytesIn} size={original} />
        <Side
          label="After"
          bytes={bytesOut}
          size={output.width && output.height ? { width: output.width, height: output.height } : undefined}
          quality={output.quality}
          score={output.score}
        />
      </dl>
      <Slider before={originalUrl(row)} after={outputUrl(row)} name={row.name} onSize={setOriginal} />
    </>
  )
}

interface SideProps {
  label: string
  bytes: number
  size: Size | undefined
  quality?: number | undefined
  score?: number | undefined
}

function Side({ label, bytes, size, quality, score }: SideProps) {
  const formats = useFormats()
  return (
    <div className="compare-side">
      <dt>{label}</dt>
      <dd className="number">
        <strong>
          <Bytes value={bytes} />
        </strong>
        <span>{size === undefined ? ' ' : `${size.width} × ${size.height}`}</span>
        {quality !== undefined && <span>quality {formats.decimal(quality, 0)}</span>}
        {score !== undefined && (
          <span title="How close it is to the original, from 0 to 100. From 70 on it looks the same to most people.">
            score {formats.score(score)}
          </span>
        )}
      </dd>
    </div>
  )
}
