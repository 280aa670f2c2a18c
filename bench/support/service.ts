import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Service, startService } from '../../test/support/service.ts'

/** A machine too busy to start it sooner gives no figures worth having, but may still show that a bench works. */
const readyMs = 300_000

/** Runs `use` against a fresh standalone service, and removes it with its data. */
export async function withService<T>(
  use: (service: Service, dataDir: string) => Promise<T>,
  args: readonly string[] = [],
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-bench-'))
  const dataDir = join(folder, 'data')
  try {
    const service = await startService({ dataDir, args, readyMs })
    try {
      return await use(service, dataDir)
    } finally {
      await service.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
