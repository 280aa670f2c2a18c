import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { servicePort } from './ports.ts'
import { createServer, type Server } from './server.ts'
import { goProgram } from './toolchain.ts'

export interface S3Server extends Server {
  readonly endpoint: string
  /** AWS_*, of somebody who may do everything. */
  readonly environment: Record<string, string>
}

/** versitygw: the S3 API over a folder. */
export async function startS3(folder: string, host = '127.0.0.1'): Promise<S3Server> {
  const program = await goProgram('versitygw', 'github.com/versity/versitygw/cmd/versitygw', 'v1.8.0')
  const at = (name: string) => path.join(folder, name)
  for (const name of ['objects', 'attributes']) await mkdir(at(name), { recursive: true })
  const port = await servicePort({ host })
  const endpoint = `http://${host}:${port}`
  const environment = {
    AWS_ACCESS_KEY_ID: 'kompressor',
    AWS_SECRET_ACCESS_KEY: 'kompressor-secret',
    AWS_REGION: 'us-east-1',
  }
  const make = (posix: readonly string[]) =>
    createServer({
      name: 's3',
      folder,
      program,
      // As every store but this one does without being told.
      args: ['--keep-alive', '--port', `${host}:${port}`, 'posix', ...posix, at('objects')],
      env: {
        ROOT_ACCESS_KEY: environment.AWS_ACCESS_KEY_ID,
        ROOT_SECRET_KEY: environment.AWS_SECRET_ACCESS_KEY,
      },
      // Unsigned, so refused: by somebody who is there.
      ready: async () => (await fetch(endpoint)).status > 0,
    })
  // Attributes in files of their own neither change together with their object nor go with it: only where the file
  // system keeps none, which the server finds out when it starts.
  const inFileSystem = make([])
  try {
    await inFileSystem.start()
    return { ...inFileSystem, endpoint, environment }
  } catch (error) {
    if (!(await readFile(inFileSystem.log, 'utf8')).includes('xattr')) throw error
  }
  const server = make(['--sidecar', at('attributes')])
  await server.start()
  return { ...server, endpoint, environment }
}
