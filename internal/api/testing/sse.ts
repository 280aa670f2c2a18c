export interface Message {
  id: number
  data: { seq: number; type: string; fileId?: string }
}

/** Messages of a stream of events until `enough` of them or its end. Comments are passed over. */
export async function readMessages(response: Response, enough: number): Promise<Message[]> {
  const messages: Message[] = []
  let rest = ''
  for await (const text of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(
    new TextDecoderStream(),
  )) {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const id = /^id: (\d+)$/m.exec(block)?.[1]
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (id !== undefined && data !== undefined) messages.push({ id: Number(id), data: JSON.parse(data) })
    }
    if (messages.length >= enough) break
  }
  return messages
}
