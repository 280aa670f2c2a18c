import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { KompressorError, toKompressorError } from '../errors/index.ts'

/** Where a standalone process keeps what. */
export interface DataDir {
  database: string
  objects: string
  scratch: string
  /** Compiled code of the children, so that each starts in half the time. May be deleted at any time. */
  cache: string
  /** Signs upload and download URLs; made once, so that URLs survive a restart. */
  secret: Buffer
  /** Lets the next process in. */
  unlock(): void
}

/**
 * Creates the folder when missing and locks it for this process. The kernel takes the lock back however the process
 * ends. Throws data_dir_in_use, invalid_configuration, storage_full.
 */
export async function openDataDir(folder: string): Promise<DataDir> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw toKompressorError(error, 'invalid_configuration')
  })
  const unlock = lock(folder)
  try {
    return {
      database: join(folder, 'database'),
      objects: join(folder, 'objects'),
      scratch: join(folder, 'scratch'),
      cache: join(folder, 'cache'),
      secret: await secretIn(folder),
      unlock,
    }
  } catch (error) {
    unlock()
    throw toKompressorError(error, 'invalid_configuration')
  }
}

/** SQLITE_BUSY: somebody else has the lock. */
const sqliteBusy = 5

/** SQLite's lock: a POSIX record lock the kernel releases with the process, which Node offers nowhere else. */
function lock(folder: string): () => void {
  let database: DatabaseSync | undefined
  try {
    const opened = new DatabaseSync(join(folder, 'lock'), { timeout: 0 })
    database = opened
    opened.exec('pragma locking_mode = exclusive; begin exclusive')
    return () => opened.close()
  } catch (error) {
    database?.close()
    if (!(error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy)) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new KompressorError(
        'invalid_configuration',
        `the data directory ${folder} cannot be locked: ${reason}`,
        { cause: error },
      )
    }
    throw new KompressorError(
      'data_dir_in_use',
      `another process uses the data directory ${folder}; stop it, or give this one a --data-dir of its own`,
      { cause: error },
    )
  }
}

async function secretIn(folder: string): Promise<Buffer> {
  const path = join(folder, 'secret')
  try {
    return await readFile(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    const secret = randomBytes(32)
    const file = await open(`${path}.new`, 'w', 0o600)
    await file.writeFile(secret)
    await file.sync()
    await file.close()
    await rename(`${path}.new`, path)
    return secret
  }
}
