import type { ApiEvent } from '../api/index.ts'
import type { OpenChannel } from './follow.ts'

type Message =
  | { type: 'subscribed' | 'unsubscribed'; batch: string }
  | { type: 'problem'; problem: { code: string } }
  | ApiEvent

/** The service pings; a connection that does not open in this time does not, in milliseconds. */
const openMs = 5000

/** Events over a WebSocket of its own. */
export const overWebSocket: OpenChannel = (batchId, after, { onOpen, onEvent, onEnd }) => {
  const url = new URL('/ws', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url)
  const late = setTimeout(() => socket.close(), openMs)
  socket.onopen = () => socket.send(JSON.stringify({ type: 'subscribe', batch: batchId, after }))
  socket.onmessage = ({ data }) => {
    const message: Message = JSON.parse(data)
    switch (message.type) {
      case 'subscribed':
        clearTimeout(late)
        return onOpen()
      // The batch is deleted or the service stops: the next connection will tell which.
      case 'unsubscribed':
        return onEnd('lost')
      case 'problem':
        return onEnd(endOf(message.problem.code))
      default:
        return onEvent(message)
    }
  }
  socket.onclose = () => {
    clearTimeout(late)
    onEnd('lost')
  }
  return { close: () => socket.close() }
}

function endOf(code: string): 'gone' | 'stale' | 'lost' {
  if (code === 'batch_not_found') return 'gone'
  return code === 'invalid_request' ? 'stale' : 'lost'
}
