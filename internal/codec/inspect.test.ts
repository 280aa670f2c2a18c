import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixtures } from '../../test/fixtures/index.ts'
import { useWorkspace } from '../../test/fixtures/workspace.ts'
import { inspectFile } from './inspect.ts'
import { defaultOptions } from './options.ts'

describe('inspectFile', () => {
  const { compress, place } = useWorkspace()
  let temporaryFolder: string
  beforeAll(async () => {
    temporaryFolder = await mkdtemp(join(tmpdir(), 'inspect-'))
  })
  afterAll(() => rm(temporaryFolder, { recursive: true }))

  it('foretells what compression comes to, and leaves nothing behind', async () => {
    const bytes = await fixtures.photo({ width: 640, height: 480, quality: 95 })
    const inspection = await inspectFile(await place(bytes), defaultOptions, { temporaryFolder })
    const real = await compress(bytes)
    expect(inspection).toMatchObject({
      outcome: 'compressed',
      type: 'image/jpeg',
      bytesOut: real.bytesOut,
      estimated: false,
    })
    expect(inspection.savedPercent).toBeCloseTo((1 - real.bytesOut / real.bytesIn) * 100)
    expect(inspection.outputs[0]).not.toHaveProperty('path')
    expect(await readdir(temporaryFolder)).toEqual([])
  })

  it('rejects as compression does, and leaves nothing behind', async () => {
    const path = await place(fixtures.truncated(await fixtures.photo()))
    await expect(inspectFile(path, defaultOptions, { temporaryFolder })).rejects.toMatchObject({
      code: 'truncated_input',
    })
    expect(await readdir(temporaryFolder)).toEqual([])
  })

  it('estimates large data from samples', async () => {
    const path = join(temporaryFolder, 'large.log')
    const block = fixtures.log({ bytes: 4 * 1024 * 1024 })
    await writeFile(path, Buffer.concat(Array.from({ length: 17 }, () => block)))
    const inspection = await inspectFile(path, defaultOptions, { temporaryFolder })
    expect(inspection).toMatchObject({ outcome: 'compressed', estimated: true, bytesIn: 17 * block.length })
    expect(inspection.savedPercent).toBeGreaterThan(50)
    expect(await readdir(temporaryFolder)).toEqual(['large.log'])
  })
})
