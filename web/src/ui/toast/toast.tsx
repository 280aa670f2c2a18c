import { X } from 'lucide-react'
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { IconButton } from '../button/button.tsx'
import { cx } from '../cx.ts'
import './toast.css'

interface Toast {
  id: number
  text: string
  tone: 'good' | 'bad'
}

type Show = (text: string, tone?: Toast['tone']) => void

const ToastContext = createContext<Show>(() => undefined)

/** How long a message stays; faults stay until somebody closes them. */
const shownMs = 5000

/** Short messages about what somebody has just done, at the edge of the window. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const nextId = useRef(1)
  const remove = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const show = useCallback<Show>((text, tone = 'good') => {
    const id = nextId.current++
    setToasts((all) => [...all.filter((toast) => toast.text !== text).slice(-2), { id, text, tone }])
  }, [])
  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" aria-live="polite">
        {toasts.map((toast) => (
          <ToastView key={toast.id} toast={toast} onClose={remove} />
        ))}
      </div>
    </ToastContext>
  )
}

export function useToast(): Show {
  return useContext(ToastContext)
}

function ToastView({ toast, onClose }: { toast: Toast; onClose: (id: number) => void }) {
  const { id, text, tone } = toast
  const close = useMemo(() => () => onClose(id), [id, onClose])
  useEffect(() => {
    if (tone === 'bad') return
    const timer = setTimeout(close, shownMs)
    return () => clearTimeout(timer)
  }, [close, tone])
  return (
    <div className={cx('toast', `toast-${tone}`)}>
      <span>{text}</span>
      <IconButton icon={X} label="Close message" onClick={close} />
    </div>
  )
}
