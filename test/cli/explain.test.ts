import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { fixtures } from '../fixtures/index.ts'
import { freePort } from '../support/free-port.ts'
import { type Service, startService } from '../support/service.ts'
import { kompressor } from './command.ts'

let service: Service
let dataDir: string
const cwd = os.tmpdir()

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'kompressor-explain-'))
  service = await startService({ dataDir })
}, 90_000)

afterAll(async () => {
  await service?.stop()
  await rm(dataDir, { recursive: true, force: true })
})

async function submit(name: string, content: Buffer): Promise<string> {
  const form = new FormData()
  form.set('file', new Blob([Uint8Array.from(content)]), name)
  const headers = { prefer: 'wait=30' }
  const response = await fetch(`${service.url}/v1/files`, { method: 'POST', body: form, headers })
  const file = (await response.json()) as { id: string }
  return file.id
}

function explain(id: string, url = service.url) {
  return kompressor(['explain', id, '--url', url], { cwd })
}

test('tells the life of a compressed file from acceptance to result', async () => {
  // Large enough that its start is told before its end.
  const photo = await fixtures.photo({ width: 3200, height: 2400, quality: 97 })
  const id = await submit('a photo.jpg', photo)
  const { code, stdout, stderr } = await explain(id)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('a photo.jpg  image/jpeg, 3200 × 2400')
  expect(stdout).toMatch(/accepted\n.* queued\n.* attempt 1 started\n.* completed\n/)
  expect(stdout).toMatch(/[\d.]+% saved/)
  expect(stdout).toMatch(/time: uploading .*, waiting .*, compressing /)
})

test('tells why a file failed', async () => {
  const id = await submit('cut.jpg', fixtures.truncated(await fixtures.photo()))
  const { code, stdout } = await explain(id)
  expect(code).toBe(0)
  expect(stdout).toMatch(/failed: truncated_input, cut\.jpg/)
  expect(stdout).toContain('Failed after 1 attempt: truncated_input')
})

test('an id the service does not know exits with 1', async () => {
  const { code, stdout, stderr } = await explain('nothing')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/there is no file nothing/)
})

test('without a service it says how to get one', async () => {
  const { code, stderr } = await explain('x', `http://127.0.0.1:${await freePort()}`)
  expect(code).toBe(1)
  expect(stderr).toMatch(/no service answers at .* \(ECONNREFUSED\).*kompressor standalone/)
})

test('another service is recognised as such', async () => {
  const server = createServer((_, response) => response.end('<html>')).listen(0)
  onTestFinished(() => void server.close())
  const { code, stderr } = await explain('x', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect(code).toBe(2)
  expect(stderr).toContain('does not answer like a Kompressor service')
})
