import { Compass } from 'lucide-react'
import { ButtonLink, EmptyState } from '../ui/index.ts'

export function NotFound() {
  return (
    <EmptyState
      icon={Compass}
      title="There is nothing here"
      actions={<ButtonLink to="/">Compress files</ButtonLink>}
    >
      The address may be mistyped, or what was here has been deleted.
    </EmptyState>
  )
}
