import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeObjectStore } from '../contract.ts'
import { createFsObjectStore } from './store.ts'
import { expectConsistent } from './testing/inspect.ts'
import { ObjectServer } from './testing/object-server.ts'

describeObjectStore('file-system', async () => {
  const root = await mkdtemp(join(tmpdir(), 'kompressor-fs-'))
  const server = new ObjectServer()
  const store = await createFsObjectStore({
    root,
    secret: 'a secret of the tests',
    publicUrl: () => server.url,
  })
  await server.start(store)
  const stop = async () => {
    await server.stop()
    await store.close()
    await expectConsistent(root)
    await rm(root, { recursive: true })
  }
  return { store, stop }
})
