import { once } from 'node:events'
import { connect } from 'node:net'

/** Announces a request with a body of `declared` bytes, sends some of it and hangs up. */
export async function cutUpload(
  url: string,
  { method, path, declared, sent }: { method: string; path: string; declared: number; sent: Uint8Array },
): Promise<void> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${declared}\r\n\r\n`)
  await new Promise((resolve) => socket.write(sent, resolve))
  socket.destroy()
  await once(socket, 'close')
}
