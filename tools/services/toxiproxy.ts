import { mkdir } from 'node:fs/promises'
import { servicePort } from './ports.ts'
import { createServer, type Server } from './server.ts'
import { goProgram } from './toolchain.ts'

export interface ToxiproxyServer extends Server {
  /** Of its HTTP API, which makes proxies and faults. */
  readonly url: string
}

/** Toxiproxy: TCP proxies that delay, throttle, cut and reset what passes through them. */
export async function startToxiproxy(folder: string): Promise<ToxiproxyServer> {
  const program = await goProgram('toxiproxy', 'github.com/Shopify/toxiproxy/v2/cmd/server', 'v2.5.0')
  await mkdir(folder)
  const port = await servicePort()
  const url = `http://127.0.0.1:${port}`
  const server = createServer({
    name: 'toxiproxy',
    folder,
    program,
    args: ['-host', '127.0.0.1', '-port', String(port)],
    ready: async () => (await fetch(`${url}/version`)).ok,
  })
  await server.start()
  return { ...server, url }
}
