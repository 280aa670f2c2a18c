import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import path from 'node:path'

export interface Cuttable {
  /** A kubeconfig that goes through the line. */
  readonly kubeconfig: string
  /** Ends every connection and refuses new ones. */
  cut(): void
  /** Lets bytes neither in nor out and keeps every connection, as a lost network does. */
  stall(): void
  /** Lets requests through and keeps the answers back. */
  deafen(): void
  mend(): void
  /** Connections accepted so far. */
  readonly accepted: number
  close(): Promise<void>
}

/** A line to the API server of a kubeconfig (as tools/cluster writes them) that can be cut while a test runs. */
export async function startCuttable(kubeconfig: string): Promise<Cuttable> {
  const text = await readFile(kubeconfig, 'utf8')
  const target = /https:\/\/127\.0\.0\.1:(\d+)/.exec(text)
  if (target?.[1] === undefined) throw new Error(`${kubeconfig} names no API server on this machine`)
  const port = Number(target[1])
  const sockets = new Set<Socket>()
  /** Those of them that are the API server's end. */
  const answering = new Set<Socket>()
  let state: 'open' | 'cut' | 'stalled' | 'deaf' = 'open'
  let accepted = 0
  const server = createServer((near) => {
    accepted += 1
    if (state === 'cut') {
      near.destroy()
      return
    }
    const far = connect(port, '127.0.0.1')
    answering.add(far)
    far.on('close', () => answering.delete(far))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      if (state === 'stalled' || (state === 'deaf' && one === far)) one.pause()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a port was asked for')
  const file = path.join(path.dirname(kubeconfig), `cuttable-${address.port}.kubeconfig`)
  await writeFile(file, text.replace(target[0], `https://127.0.0.1:${address.port}`), { mode: 0o600 })
  const cut = () => {
    state = 'cut'
    for (const socket of sockets) socket.destroy()
  }
  return {
    kubeconfig: file,
    cut,
    stall() {
      state = 'stalled'
      for (const socket of sockets) socket.pause()
    },
    deafen() {
      state = 'deaf'
      for (const socket of answering) socket.pause()
    },
    mend() {
      state = 'open'
      for (const socket of sockets) socket.resume()
    },
    get accepted() {
      return accepted
    },
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
