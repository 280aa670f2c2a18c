import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Code, ImageDown, Scale, ScanEye, ShieldCheck } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { type Batch, dataOf, useApi } from '../../api/index.ts'
import { nameOf } from '../../batch/index.ts'
import { FileButtons, RefusedList, useIntake } from '../../intake/index.ts'
import { SettingsForm, toOptions } from '../../settings/index.ts'
import { UseElsewhere } from '../../settings/use-elsewhere.tsx'
import {
  Ago,
  Button,
  Bytes,
  Card,
  messageOf,
  Notice,
  Percent,
  StateBadge,
  useFormats,
} from '../../ui/index.ts'
import './compress-page.css'

export function CompressPage() {
  const { settings, changeSettings } = useIntake()
  const [isElsewhere, setIsElsewhere] = useState(false)
  const isPicture = useIsPicture()
  return (
    <div className="compress">
      <div className="compress-main">
        <DropZone />
        <Stopped />
        <Promises />
        <Recent />
      </div>
      <Card className="compress-settings" aria-label="Settings" inert={isPicture}>
        <h2>Settings</h2>
        <SettingsForm settings={settings} onChange={changeSettings} />
        <Button kind="quiet" icon={Code} className="compress-elsewhere" onClick={() => setIsElsewhere(true)}>
          Use these settings elsewhere
        </Button>
      </Card>
      {isElsewhere && <UseElsewhere options={toOptions(settings)} onClose={() => setIsElsewhere(false)} />}
    </div>
  )
}

/**
 * Whether this is the page as the build draws it, to be looked at until the code is there. Files are taken then already,
 * what is set would be lost.
 */
function useIsPicture(): boolean {
  return useSyncExternalStore(
    () => () => undefined,
    () => false,
    () => true,
  )
}

function DropZone() {
  const { state, take, dismiss } = useIntake()
  const formats = useFormats()
  const isBusy = state.kind === 'busy'
  return (
    <section className="drop-zone" aria-label="Files to compress" aria-busy={isBusy}>
      <span className="drop-zone-icon">
        <ImageDown size={34} strokeWidth={1.5} aria-hidden />
      </span>
      <h1>{isBusy ? `Preparing ${formats.count(state.files)} files` : 'Drop pictures here'}</h1>
      <p role="status">
        {isBusy
          ? state.isWaiting
            ? 'The service does not answer. Your files are kept and sent as soon as it does.'
            : 'One moment.'
          : 'They come back smaller and look the same. Never bigger, never worse than you ask.'}
      </p>
      <div className="drop-zone-actions">
        {isBusy ? (
          <Button size="large" onClick={dismiss}>
            Cancel
          </Button>
        ) : (
          <FileButtons size="large" onPick={take} />
        )}
      </div>
      <p className="drop-zone-note">JPEG, PNG, WebP, AVIF, GIF, TIFF, and any other file. Paste works too.</p>
    </section>
  )
}

const promises = [
  {
    icon: ScanEye,
    title: 'Looks the same',
    text: 'Each picture gets the quality it needs, and what came out is measured.',
  },
  {
    icon: Scale,
    title: 'Never bigger',
    text: 'What would not shrink stays as it was, and you are told why.',
  },
  {
    icon: ShieldCheck,
    title: 'Stays here',
    text: 'Your files go to this service and its store, and to nobody else.',
  },
] as const

/** What somebody who is here for the first time wants to know before they let go of a file. */
function Promises() {
  return (
    <ul className="promises">
      {promises.map(({ icon: Icon, title, text }) => (
        <li key={title}>
          <Icon size={20} strokeWidth={1.7} aria-hidden />
          <h2>{title}</h2>
          <p>{text}</p>
        </li>
      ))}
    </ul>
  )
}

/** Why nothing came of what was dropped. The files are still there to be tried again. */
function Stopped() {
  const { state, take, dismiss } = useIntake()
  if (state.kind !== 'stopped') return null
  const { files, refused, error } = state
  return (
    <Card className="compress-stopped">
      {error && (
        <Notice tone="bad" actions={<Button onClick={() => take(files)}>Try again</Button>}>
          {messageOf(error)}
        </Notice>
      )}
      {refused.length > 0 && (
        <>
          <h2>{refused.length === 1 ? 'This file was left out' : 'These files were left out'}</h2>
          <RefusedList refused={refused} />
        </>
      )}
      <Button kind="quiet" size="small" onClick={dismiss}>
        Put away
      </Button>
    </Card>
  )
}

function Recent() {
  const api = useApi()
  const { data } = useQuery({
    queryKey: ['batches', 'recent'],
    queryFn: ({ signal }) => dataOf(api.GET('/v1/batches', { params: { query: { limit: 5 } }, signal })),
  })
  if (data === undefined || data.items.length === 0) return null
  return (
    <section aria-labelledby="recent">
      <h2 id="recent" className="recent-title">
        Lately
      </h2>
      <ul className="recent">
        {data.items.map((batch) => (
          <RecentBatch key={batch.id} batch={batch} />
        ))}
      </ul>
    </section>
  )
}

function RecentBatch({ batch }: { batch: Batch }) {
  const { id, state, files, bytes, createdAt } = batch
  const formats = useFormats()
  return (
    <li>
      <Link to="/batches/$batchId" params={{ batchId: id }} className="recent-link">
        <span className="recent-name">{nameOf(batch)}</span>
        <span className="recent-when">
          {files.total === 1 ? '1 file' : `${formats.count(files.total)} files`}, <Ago at={createdAt} />
        </span>
        <span className="recent-saved">
          {bytes.saved > 0 ? (
            <>
              <Bytes value={bytes.saved} /> saved (<Percent ratio={bytes.saved / bytes.in} />)
            </>
          ) : (
            <StateBadge state={state} />
          )}
        </span>
      </Link>
    </li>
  )
}
