export interface ServerEvent {
  id: number
  type: string
  data: unknown
}

/**
 * Reads server-sent events until the stream ends or `signal` fires; calls back for each. Comments are passed over.
 * Rejects when the connection fails.
 */
export async function readEvents(
  url: string,
  {
    lastEventId,
    signal,
    onEvent,
  }: { lastEventId?: number; signal: AbortSignal; onEvent: (event: ServerEvent) => void },
): Promise<void> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal })
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`)
  let buffer = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    buffer += chunk
    for (let end = buffer.indexOf('\n\n'); end !== -1; end = buffer.indexOf('\n\n')) {
      const event = parseEvent(buffer.slice(0, end))
      buffer = buffer.slice(end + 2)
      if (event !== undefined) onEvent(event)
    }
  }
}

function parseEvent(block: string): ServerEvent | undefined {
  const field = (name: string) =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
      .join('\n')
  const data = field('data')
  if (data === '') return undefined
  return { id: Number(field('id')), type: field('event'), data: JSON.parse(data) }
}
