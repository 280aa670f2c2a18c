import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { TextField } from './fields.tsx'

/** Somebody who types is not asked for at every letter, in milliseconds. */
const typingMs = 200

interface SearchFieldProps {
  label: string
  placeholder: string
  /** What is searched for, as it is in the address. */
  value: string
  /** Called with what was typed, without blanks around it, once nothing more comes. */
  onSearch: (text: string) => void
}

/** Searches as somebody types. */
export function SearchField({ label, placeholder, value, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(value)
  // The address may change by itself: back, or a link.
  const shown = useRef(value)
  useEffect(() => {
    if (value !== shown.current) setText(value)
    shown.current = value
  }, [value])
  const latest = useRef(onSearch)
  latest.current = onSearch
  useEffect(() => {
    const wanted = text.trim()
    if (wanted === shown.current) return
    const timer = setTimeout(() => {
      shown.current = wanted
      latest.current(wanted)
    }, typingMs)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <div className="search-field">
      <Search size={16} aria-hidden />
      <TextField
        label={label}
        hideLabel
        type="search"
        placeholder={placeholder}
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  )
}
