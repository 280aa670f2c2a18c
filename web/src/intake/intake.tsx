import { useNavigate } from '@tanstack/react-router'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { ApiError, unreachable, useApi } from '../api/index.ts'
import { fromTransfer, type Picked, type Refused, rememberRefused, sortOut, submit } from '../batch/index.ts'
import type { EarlyIntake } from '../early/index.ts'
import { type Settings, toOptions, useSettings } from '../settings/index.ts'
import { useUploads } from '../uploads/index.ts'
import { DropOverlay } from './drop-overlay.tsx'

/** What becomes of files between being dropped and being a batch. */
export type IntakeState =
  | { kind: 'idle' }
  | { kind: 'busy'; files: number; isWaiting: boolean }
  /** Nothing could be submitted: the service refused (`error`), or every single file was refused. */
  | { kind: 'stopped'; files: readonly Picked[]; refused: readonly Refused[]; error?: ApiError }

interface Intake {
  state: IntakeState
  settings: Settings
  changeSettings: (change: Partial<Settings>) => void
  /** Makes a batch of files and shows it. */
  take: (picked: readonly Picked[]) => void
  /** Gives up what is going on, or puts away what is said. */
  dismiss: () => void
}

const EarlyContext = createContext<EarlyIntake | undefined>(undefined)

/** Files that were given before there was an IntakeProvider. */
export const EarlyProvider = EarlyContext.Provider

const IntakeContext = createContext<Intake | undefined>(undefined)

export function useIntake(): Intake {
  const intake = useContext(IntakeContext)
  if (intake === undefined) throw new Error('IntakeProvider is missing')
  return intake
}

/** Takes files wherever on the pages they are dropped or pasted. */
export function IntakeProvider({ children }: { children: ReactNode }) {
  const api = useApi()
  const uploads = useUploads()
  const early = useContext(EarlyContext)
  const navigate = useNavigate()
  const [settings, changeSettings] = useSettings()
  const [state, setState] = useState<IntakeState>({ kind: 'idle' })
  const running = useRef<AbortController>(undefined)
  const latest = useRef(settings)
  latest.current = settings

  const dismiss = useCallback(() => {
    running.current?.abort()
    setState({ kind: 'idle' })
  }, [])

  const take = useCallback(
    async (picked: readonly Picked[]) => {
      if (picked.length === 0) return
      running.current?.abort()
      const run = new AbortController()
      running.current = run
      const { signal } = run
      const show = (state: IntakeState) => {
        if (!signal.aborted) setState(state)
      }
      show({ kind: 'busy', files: picked.length, isWaiting: false })
      const { accepted, refused } = await sortOut(picked)
      try {
        const submitted = await submit({
          api,
          uploads,
          files: accepted,
          options: toOptions(latest.current),
          onWaiting: () => show({ kind: 'busy', files: accepted.length, isWaiting: true }),
          signal,
        })
        const all = [...refused, ...submitted.refused]
        if (submitted.batchId === undefined) return show({ kind: 'stopped', files: [], refused: all })
        rememberRefused(submitted.batchId, all)
        show({ kind: 'idle' })
        await navigate({ to: '/batches/$batchId', params: { batchId: submitted.batchId } })
      } catch (error) {
        const reason = error instanceof ApiError ? error : unreachable(error)
        show({ kind: 'stopped', files: accepted, refused, error: reason })
      }
    },
    [api, uploads, navigate],
  )

  // In the moment that the buttons are there, as all that takes files: none is taken twice, and none by nobody.
  useLayoutEffect(() => early?.handOver((picked) => void take(picked)), [early, take])

  useLayoutEffect(() => {
    const paste = (event: ClipboardEvent) => {
      if (event.clipboardData === null || event.clipboardData.files.length === 0) return
      event.preventDefault()
      void fromTransfer(event.clipboardData).then(take)
    }
    window.addEventListener('paste', paste)
    return () => window.removeEventListener('paste', paste)
  }, [take])

  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => {
      if (uploads.isBusy) event.preventDefault()
    }
    window.addEventListener('beforeunload', leave)
    return () => window.removeEventListener('beforeunload', leave)
  }, [uploads])

  const intake = useMemo(
    () => ({
      state,
      settings,
      changeSettings,
      take: (picked: readonly Picked[]) => void take(picked),
      dismiss,
    }),
    [state, settings, changeSettings, take, dismiss],
  )
  return (
    <IntakeContext value={intake}>
      {children}
      <DropOverlay onDrop={intake.take} />
    </IntakeContext>
  )
}
