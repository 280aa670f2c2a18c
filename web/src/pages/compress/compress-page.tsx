import { PageHeader } from '../../ui/index.ts'

export function CompressPage() {
  return <PageHeader title="Compress" />
}
