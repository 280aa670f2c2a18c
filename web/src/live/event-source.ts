import type { ApiEvent } from '../api/index.ts'
import type { OpenChannel } from './follow.ts'

/** Events as server-sent events, for networks that let no WebSocket through. */
export const overEventSource: OpenChannel = (batchId, after, { onOpen, onEvent, onEnd }) => {
  const source = new EventSource(`/v1/batches/${encodeURIComponent(batchId)}/events?lastEventId=${after}`)
  source.onopen = () => onOpen()
  source.onmessage = ({ data }) => {
    const event: ApiEvent = JSON.parse(data)
    onEvent(event)
  }
  // It would come back by itself, but not knowing whether the batch is still there and without ever giving up.
  source.onerror = () => onEnd('lost')
  return { close: () => source.close() }
}
