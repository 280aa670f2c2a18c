import { useEffect, useState } from 'react'
import type { Row } from '../batch/index.ts'
import { outputUrl } from './picture.ts'
import './thumbnail.css'

/** Rows that fly by are not worth a request, in milliseconds. */
const restMs = 150

/** A small look at what a file has become. */
export function Thumbnail({ row }: { row: Row }) {
  const [isResting, setIsResting] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsResting(true), restMs)
    return () => clearTimeout(timer)
  }, [])
  if (!isResting) return null
  return <img className="thumbnail" src={outputUrl(row)} alt="" width={44} height={44} decoding="async" />
}
