import { Boxes, Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button, Card, EmptyState, useToast } from '../../ui/index.ts'
import { firstJob } from './manifest.ts'

/** How the first job comes here. */
export function NoJobs() {
  const [copied, setCopied] = useState(false)
  const toast = useToast()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(firstJob)
      setCopied(true)
    } catch {
      toast('The browser does not allow copying here. Select the text and copy it by hand.', 'bad')
    }
  }
  return (
    <>
      <EmptyState icon={Boxes} title="No CompressionJobs yet">
        On Kubernetes, a CompressionJob compresses what is in a bucket, or gives uploads workers of their own,
        and scales with the work. Save this as job.yaml, name your buckets, and apply it:
      </EmptyState>
      <Card className="jobs-manifest">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard too */}
        <pre tabIndex={0}>
          <code>{firstJob}</code>
        </pre>
        <div className="jobs-apply">
          <code>kubectl apply -f job.yaml</code>
          <Button icon={copied ? Check : Copy} onClick={() => void copy()}>
            {copied ? 'Copied' : 'Copy the manifest'}
          </Button>
        </div>
      </Card>
      <p className="jobs-hint">
        It needs Kompressor’s operator in the cluster; without a cluster, <code>kompressor run s3://…</code>{' '}
        does the same on one machine.
      </p>
    </>
  )
}
