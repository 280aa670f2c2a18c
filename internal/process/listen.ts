import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toKompressorError } from '../errors/index.ts'

/** Resolves with the address when the server listens. Throws invalid_configuration when it cannot. */
export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  try {
    await promise
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw toKompressorError(
      new Error(`cannot listen on ${host}:${port}: ${reason}`, { cause: error }),
      'invalid_configuration',
    )
  }
  return urlOf(server.address())
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return ''
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}
