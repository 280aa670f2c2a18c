import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the range from which Linux and macOS take the ports of outgoing connections. */
const first = 20_000
const last = 32_000

/**
 * A port nobody listens on. Never one the kernel gives to outgoing connections: a server that is restarted finds its
 * port free again, and no client that waits for it is connected to itself by chance.
 */
export async function servicePort({
  host = '127.0.0.1',
  random = Math.random,
}: {
  host?: string
  random?: () => number
} = {}): Promise<number> {
  for (;;) {
    const port = first + Math.floor(random() * (last - first))
    if (await isFree(port, host)) return port
  }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
