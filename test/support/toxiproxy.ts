import { z } from 'zod'
import { servicePort } from '../../tools/services/index.ts'

/** A TCP proxy of Toxiproxy, through which a suite's clients reach a server. */
export interface FaultProxy {
  /** `host:port` where it listens. */
  readonly address: string
  /** Cuts every connection and refuses new ones. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Adds a fault (https://github.com/Shopify/toxiproxy#toxics), to what the server sends. */
  add(
    type: 'latency' | 'bandwidth' | 'reset_peer' | 'limit_data' | 'timeout',
    attributes: object,
  ): Promise<void>
  /** Takes all faults away. */
  heal(): Promise<void>
  remove(): Promise<void>
}

/** Puts a proxy before a server: on a free port, or on one chosen before because the server has to tell it to its clients. */
export async function startProxy(
  toxiproxyUrl: string,
  { name, upstream, port }: { name: string; upstream: string; port?: number },
): Promise<FaultProxy> {
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${toxiproxyUrl}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`Toxiproxy: ${method} ${path} answered ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  const address = `127.0.0.1:${port ?? (await servicePort())}`
  await call('POST', '/proxies', { name, listen: address, upstream, enabled: true })
  const set = (enabled: boolean) => call('POST', `/proxies/${name}`, { enabled })
  return {
    address,
    async cut() {
      await set(false)
    },
    async mend() {
      await set(true)
    },
    async add(type, attributes) {
      await call('POST', `/proxies/${name}/toxics`, { type, stream: 'downstream', attributes })
    },
    async heal() {
      const toxics = toxicsSchema.parse(await call('GET', `/proxies/${name}/toxics`))
      for (const toxic of toxics) await call('DELETE', `/proxies/${name}/toxics/${toxic.name}`)
    },
    async remove() {
      await call('DELETE', `/proxies/${name}`)
    },
  }
}

const toxicsSchema = z.array(z.object({ name: z.string() }))
