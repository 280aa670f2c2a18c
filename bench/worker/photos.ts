import { Readable } from 'node:stream'
import { fixtures } from '../../test/fixtures/index.ts'
import type { DataPlane } from '../support/data-plane.ts'
import type { Stored } from './tasks.ts'

/** Puts photographs into the bucket, of 100 to 200 KB unless told otherwise; hands out each one's name and bytes besides. */
export async function storePhotos(
  { objects }: DataPlane,
  count: number,
  {
    width = 880,
    height = 660,
    onPhoto = async () => undefined,
  }: {
    width?: number
    height?: number
    onPhoto?: (name: string, bytes: Buffer) => Promise<void>
  } = {},
): Promise<Stored[]> {
  const distinct = await Promise.all(
    Array.from({ length: Math.min(count, 20) }, (_, seed) =>
      fixtures.photo({ width, height, seed, format: 'jpeg' }),
    ),
  )
  const stored: Stored[] = []
  for (let i = 0; i < count; i++) {
    const bytes = distinct[i % distinct.length] ?? Buffer.alloc(0)
    const name = `photo-${String(i).padStart(5, '0')}.jpg`
    await onPhoto(name, bytes)
    const key = `in/${name}`
    const { etag } = await objects.put(key, Readable.from([bytes]), { size: bytes.length })
    stored.push({ key, size: bytes.length, etag })
  }
  return stored
}
