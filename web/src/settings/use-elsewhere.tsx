import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import type { CompressionOptions } from '../api/index.ts'
import { Button, Choice, Dialog, useToast } from '../ui/index.ts'
import { cliCommand, curlCommand, jobManifest } from './commands.ts'
import './use-elsewhere.css'

type Way = 'curl' | 'cli' | 'job'

const ways: readonly { value: Way; label: string }[] = [
  { value: 'curl', label: 'curl' },
  { value: 'cli', label: 'Command line' },
  { value: 'job', label: 'Kubernetes' },
]

const leads: Record<Way, string> = {
  curl: 'Sends one file to this service and waits for the result.',
  cli: 'Compresses a folder on your machine, without a service.',
  job: 'Compresses a bucket in your cluster: save it, name your buckets, kubectl apply -f it.',
}

/** The same settings for scripts, folders and buckets. */
export function UseElsewhere({ options, onClose }: { options: CompressionOptions; onClose: () => void }) {
  const [way, setWay] = useState<Way>('curl')
  const [copied, setCopied] = useState<Way>()
  const toast = useToast()
  const text = textFor(way, options)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(way)
    } catch {
      toast('The browser does not allow copying here. Select the text and copy it by hand.', 'bad')
    }
  }
  return (
    <Dialog title="Use these settings" size="large" onClose={onClose}>
      <div className="use-elsewhere">
        <Choice label="Where" hideLabel options={ways} value={way} onChange={setWay} />
        <p>{leads[way]}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard too */}
        <pre tabIndex={0}>
          <code>{text}</code>
        </pre>
        <Button icon={copied === way ? Check : Copy} onClick={() => void copy()}>
          {copied === way ? 'Copied' : 'Copy'}
        </Button>
      </div>
    </Dialog>
  )
}

function textFor(way: Way, options: CompressionOptions): string {
  switch (way) {
    case 'curl':
      return curlCommand(options, location.origin)
    case 'cli':
      return cliCommand(options)
    case 'job':
      return jobManifest(options)
  }
}
