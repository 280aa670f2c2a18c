import type { ApiEvent, Connection } from '../api/index.ts'

/** A connection that carries the events of one batch. */
export interface Channel {
  close(): void
}

export interface ChannelHandlers {
  onOpen(): void
  onEvent(event: ApiEvent): void
  /** It is over: `gone` when the batch does not exist any more, `stale` when the position does not, `lost` otherwise. */
  onEnd(why: 'gone' | 'stale' | 'lost'): void
}

/** Opens a channel behind a position. */
export type OpenChannel = (batchId: string, after: number, handlers: ChannelHandlers) => Channel

interface FollowOptions {
  batchId: string
  /** Position of the last event that is known. */
  after: number
  /** Ways to follow, the best first. Another is tried when one does not open. */
  channels: readonly OpenChannel[]
  /** Told of each loss; when it is back, nobody waits any longer. */
  connection: Pick<Connection, 'doubt' | 'onBack'>
  onEvent: (event: ApiEvent) => void
  onState: (state: 'connecting' | 'live') => void
  /** The batch does not exist any more, or has another history than was known: load it anew. */
  onEnd: (why: 'gone' | 'stale') => void
}

const firstWaitMs = 300
const longestWaitMs = 8000

/**
 * Follows a batch over whatever connection there is, for ever: each event once, in order, none left out. Events are
 * numbered without gaps, so the last number is all that has to be known to go on elsewhere. Returns how to stop.
 */
export function follow({
  batchId,
  after,
  channels,
  connection,
  onEvent,
  onState,
  onEnd,
}: FollowOptions): () => void {
  let position = after
  let failures = 0
  let way = 0
  let channel: Channel | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false

  function connect(): void {
    timer = undefined
    const open = channels[way % channels.length]
    if (open === undefined) return
    let isOpen = false
    let isOver = false
    const end = (why: 'gone' | 'stale' | 'lost') => {
      if (isOver) return
      isOver = true
      channel?.close()
      if (isStopped) return
      if (why !== 'lost') {
        stop()
        onEnd(why)
        return
      }
      onState('connecting')
      connection.doubt()
      if (!isOpen) way += 1
      failures += 1
      timer = setTimeout(connect, Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs))
    }
    channel = open(batchId, position, {
      onOpen() {
        isOpen = true
        failures = 0
        if (!isOver && !isStopped) onState('live')
      },
      onEvent(event) {
        if (isOver || isStopped || event.seq <= position) return
        // Something is missing in between: what is known is still right, so it is asked for again from there.
        if (event.seq > position + 1) return end('lost')
        position = event.seq
        onEvent(event)
      },
      onEnd: end,
    })
  }

  function stop(): void {
    isStopped = true
    clearTimeout(timer)
    forget()
    channel?.close()
  }

  const forget = connection.onBack(() => {
    if (timer === undefined) return
    clearTimeout(timer)
    connect()
  })
  onState('connecting')
  connect()
  return stop
}
