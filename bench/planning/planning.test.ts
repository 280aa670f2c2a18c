import { expect, test } from 'vitest'
import { measurePlanning } from './plan.ts'

test('a plan takes at most a hundred bytes of database an object, so that ten million fit into a gigabyte', async () => {
  const { chunks, databaseBytes, objects } = await measurePlanning(20_000)
  expect(chunks).toBeGreaterThanOrEqual(objects / 64)
  // Files grow in steps: a small plan has more of them unused.
  expect(databaseBytes / objects).toBeLessThan(100)
}, 300_000)
