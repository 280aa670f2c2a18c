import { X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { IconButton, SearchField, Select, TextField } from '../../ui/index.ts'
import { type BatchFilters, batchStates, isTag } from './search.ts'

const stateOptions = [
  { value: 'all', label: 'Every state' },
  { value: 'open', label: 'Open' },
  { value: 'running', label: 'Running' },
  { value: 'completed', label: 'Done' },
  { value: 'cancelled', label: 'Cancelled' },
] as const

interface FiltersProps {
  filters: BatchFilters
  onChange: (filters: BatchFilters) => void
}

/** Search, state and tags. */
export function Filters({ filters, onChange }: FiltersProps) {
  const { state = 'all', tags = [] } = filters
  const setTags = ({ tags: _before, ...rest }: BatchFilters, next: string[]) =>
    onChange({ ...rest, ...(next.length > 0 && { tags: next }) })
  return (
    <search className="filters">
      <SearchField
        label="Search batches"
        placeholder="Name, tag or id"
        value={filters.search ?? ''}
        onSearch={(text) => {
          const { search: _before, ...rest } = filters
          onChange({ ...rest, ...(text !== '' && { search: text }) })
        }}
      />
      <Select
        label="State"
        hideLabel
        options={stateOptions}
        value={state}
        onChange={(chosen) => {
          const { state: _before, ...rest } = filters
          const known = batchStates.find((one) => one === chosen)
          onChange({ ...rest, ...(known && { state: known }) })
        }}
      />
      <TagField onAdd={(tag) => setTags(filters, [...new Set([...tags, tag])])} />
      {tags.length > 0 && (
        <ul className="filters-tags" aria-label="Tags filtered by">
          {tags.map((tag) => (
            <li key={tag} className="chip">
              {tag}
              <IconButton
                icon={X}
                label={`Do not filter by ${tag}`}
                className="chip-remove"
                onClick={() =>
                  setTags(
                    filters,
                    tags.filter((one) => one !== tag),
                  )
                }
              />
            </li>
          ))}
        </ul>
      )}
    </search>
  )
}

function TagField({ onAdd }: { onAdd: (tag: string) => void }) {
  const [fault, setFault] = useState<string>()
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const tag = String(new FormData(form).get('tag') ?? '').trim()
    if (tag === '') return
    if (!isTag(tag)) {
      setFault('Write it as key:value, and press Enter.')
      return
    }
    setFault(undefined)
    onAdd(tag)
    form.reset()
  }
  return (
    <form className="filters-tag" onSubmit={add}>
      <TextField
        label="Filter by tag"
        hideLabel
        name="tag"
        placeholder="Tag, as key:value"
        autoComplete="off"
        enterKeyHint="done"
        maxLength={321}
        fault={fault}
      />
    </form>
  )
}
