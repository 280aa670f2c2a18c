import { connect, type Socket } from 'node:net'

/** A connection on which a test writes HTTP by hand, to stop in the middle of it. */
export class RawConnection {
  readonly #socket: Socket
  #received = ''
  #closed = false

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('data', (data) => {
      this.#received += data.toString('latin1')
    })
    this.#socket.on('close', () => {
      this.#closed = true
    })
    this.#socket.on('error', () => {
      this.#closed = true
    })
  }

  get received(): string {
    return this.#received
  }

  get isClosed(): boolean {
    return this.#closed
  }

  write(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(data, () => resolve()))
  }

  /** Reads nothing from now on. */
  pause(): void {
    this.#socket.pause()
  }

  /** Ends the connection as a crash of the client does. */
  cut(): void {
    this.#socket.resetAndDestroy()
  }

  /** Half-closes it: nothing more will be sent. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
