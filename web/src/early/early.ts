import type { Picked } from '../batch/intake.ts'
import { fromList, fromTransfer } from '../batch/pick.ts'

type Receive = (picked: readonly Picked[]) => void

/** Files that are given before the pages have started. */
export interface EarlyIntake {
  /**
   * From now on the pages take files themselves, and those given before are theirs. To be called in the moment that they
   * do, or files would be taken twice or by nobody. Returns how to stop receiving any.
   */
  handOver(receive: Receive): () => void
}

/**
 * Takes files that are dropped, pasted or chosen as soon as the first page is painted, long before the code is there that
 * knows what to do with them, and keeps them for it.
 */
export function listenEarly(): EarlyIntake {
  const waiting: Picked[] = []
  let receiver: Receive | undefined
  const listening = new AbortController()
  const { signal } = listening

  const pass = (picked: readonly Picked[]) => {
    if (receiver === undefined) waiting.push(...picked)
    else receiver(picked)
  }
  const takeFrom = (event: Event, transfer: DataTransfer | null) => {
    if (transfer?.types.includes('Files') !== true) return
    event.preventDefault()
    fromTransfer(transfer).then(pass, reportError)
  }

  addEventListener(
    'dragover',
    (event) => {
      if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault()
    },
    { signal },
  )
  addEventListener('drop', (event) => takeFrom(event, event.dataTransfer), { signal })
  addEventListener('paste', (event) => takeFrom(event, event.clipboardData), { signal })
  const takeChosen = (event: Event) => {
    const { target } = event
    if (!(target instanceof HTMLInputElement) || target.type !== 'file') return
    event.stopPropagation()
    pass(fromList(target.files ?? []))
  }
  addEventListener('change', takeChosen, { signal })
  addEventListener(
    'click',
    ({ target }) => {
      const input = inputOf(target)
      // What is chosen may come when the pages have started and this input is not in the document any more.
      input?.addEventListener('change', takeChosen, { once: true })
      input?.click()
    },
    { signal },
  )

  return {
    handOver(receive) {
      listening.abort()
      receiver = receive
      if (waiting.length > 0) receive(waiting.splice(0))
      return () => {
        receiver = undefined
      }
    },
  }
}

/** The input that a button to choose files is for: it has the button's value for its name. */
function inputOf(target: EventTarget | null): HTMLInputElement | undefined {
  const button = target instanceof Element ? target.closest('button[value]') : null
  if (!(button instanceof HTMLButtonElement)) return undefined
  const input = button.parentElement?.querySelector(`input[type="file"][name="${button.value}"]`)
  return input instanceof HTMLInputElement ? input : undefined
}
