import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { estimateSchema } from '../../internal/estimate/index.ts'
import { fixtures } from '../fixtures/index.ts'
import { jsonLines, kompressor } from './command.ts'
import { filesIn, fill, makeFolder } from './folder.ts'

// Each starts processes of its own, some of them several.
vi.setConfig({ testTimeout: 600_000 })

const corpus = process.env.KOMPRESSOR_CORPUS ?? path.join(import.meta.dirname, '../../../shared/corpus')

async function estimateOf(argv: readonly string[], cwd: string) {
  const { code, stdout, stderr } = await kompressor(['estimate', ...argv, '--json'], { cwd })
  expect([code, stderr]).toEqual([0, ''])
  return estimateSchema.parse(JSON.parse(stdout))
}

/** Bytes that a run over the same folder saves. */
async function savedByRun(argv: readonly string[], cwd: string): Promise<number> {
  const { stdout } = await kompressor(['run', ...argv, '--json'], { cwd })
  const summary = jsonLines(stdout).at(-1)
  return z.object({ bytes: z.object({ saved: z.number() }) }).parse(summary).bytes.saved
}

test('a small folder is looked at completely, and a run saves just that', async () => {
  const cwd = await makeFolder()
  await fill(cwd, {
    'in/2023/a.jpg': await fixtures.photo({ width: 640, height: 480, quality: 97 }),
    'in/2023/cut.jpg': fixtures.truncated(await fixtures.photo({ width: 640, height: 480 })),
    'in/2024/app.log': fixtures.log(),
    'in/2024/x.bin': fixtures.incompressible(),
    'in/.gitkeep': '',
    'in/.DS_Store': 'junk',
  })
  const before = await filesIn(cwd)
  const result = await estimateOf(['in', '--quiet', '--slots', '2'], cwd)
  expect(await filesIn(cwd)).toEqual(before)
  expect(result.found).toMatchObject({ files: 4, empty: 1 })
  expect(result.saved.low).toBe(result.saved.high)
  expect(result.outcomes).toEqual({ compressed: 2, kept: 1, skipped: 0, failed: 1 })
  expect(result.failures).toEqual([{ code: 'truncated_input', sampled: 1, example: '2023/cut.jpg' }])
  expect(result.byType.map(({ name }) => name).sort()).toEqual(['JPEG', 'bin', 'log'])
  expect(result.byPrefix.map(({ name }) => name).sort()).toEqual(['2023/', '2024/'])
  expect(result.saved.value).toBe(await savedByRun(['in', '--slots', '2'], cwd))
})

test('of a folder larger than the sample the interval holds what a run saves', async () => {
  const cwd = await makeFolder()
  const photos = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      fixtures.photo({ width: 80 + 4 * i, height: 60 + 3 * i, quality: 70 + (i % 30), seed: i }),
    ),
  )
  const logs = Array.from({ length: 20 }, (_, i) => fixtures.log({ bytes: 8_000 + 500 * i, seed: i }))
  const names = [...photos.map((_, i) => `in/p${i % 3}/${i}.jpg`), ...logs.map((_, i) => `in/logs/${i}.log`)]
  await fill(cwd, Object.fromEntries([...photos, ...logs].map((bytes, i) => [names[i], bytes])))
  const options = ['in', '--slots', '2', '--preset', 'fast']
  const { saved, sample, found } = await estimateOf(
    [...options, '--quiet', '--sample', '30', '--seed', '5'],
    cwd,
  )
  expect([sample.files, found.files]).toEqual([30, 60])
  const truth = await savedByRun(options, cwd)
  expect(saved.low).toBeLessThanOrEqual(truth)
  expect(saved.high).toBeGreaterThanOrEqual(truth)
  expect((saved.high - saved.low) / found.bytes).toBeLessThan(0.5)
})

test('is told as tables, time and money, with the best and the worst beside their outputs', async () => {
  const cwd = await makeFolder()
  await fill(cwd, {
    'in/a/photo.jpg': await fixtures.photo({ width: 400, height: 300, quality: 97 }),
    'in/b/app.log': fixtures.log(),
    'in/b/x.bin': fixtures.incompressible(),
  })
  const flags = ['--replicas', '3', '--replica-slots', '4', '--old-versions', '30d', '--examples', 'pairs']
  const { code, stdout, stderr } = await kompressor(['estimate', 'in', '--slots', '2', ...flags], { cwd })
  expect([code, stderr]).toEqual([0, expect.stringMatching(/3 pairs of examples written to pairs\n$/)])
  expect(stdout).toMatch(/JPEG +1 .*\n.*total +3 /s)
  expect(stdout).toMatch(/below .*\nb\/ .*\na\/ /)
  expect(stdout).toMatch(/would be saved \([\d.]+%\)/)
  expect(stdout).toMatch(/with 3 workers of 4 slots about/)
  expect(stdout).toMatch(/once: requests \$.*old versions \$/)
  expect(stdout).toMatch(/Best .*\n {2}b\/app\.log .*\n {2}a\/photo\.jpg .* score \d+/)
  expect(stdout).toMatch(/Worst .*\n {2}b\/x\.bin .* compressed well enough already/)
  expect((await readdir(path.join(cwd, 'pairs'))).sort()).toEqual([
    'best-1-after.zst',
    'best-1-before.log',
    'best-2-after.jpg',
    'best-2-before.jpg',
    'worst-1-after.bin',
    'worst-1-before.bin',
  ])
  const size = async (name: string) => (await stat(path.join(cwd, 'pairs', name))).size
  expect(await size('best-2-after.jpg')).toBeLessThan(await size('best-2-before.jpg'))
})

test('of nothing it says that there is nothing', async () => {
  const cwd = await makeFolder()
  await fill(cwd, { 'in/.gitkeep': '' })
  const { code, stdout } = await kompressor(['estimate', 'in'], { cwd })
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining('There are no files to compress.\n  1 file empty'),
  ])
})

test.each([
  ['a folder that is not there', ['gone'], /there is no file or folder gone/],
  ['a file', ['a.txt'], /a\.txt is a file; kompressor inspect/],
  ['nothing', [], /FOLDER/],
  ['too small a sample', ['.', '--sample', '3'], /--sample=3 must be a whole number from 10 to/],
  [
    'a price below nothing',
    ['.', '--price-storage', '-1'],
    /--price-storage=-1 must be an amount of at least 0/,
  ],
  ['options that contradict', ['.', '--no-images', '--no-data'], /leave nothing to compress/],
  ['a flag for buckets', ['.', '--storage-class', 'GLACIER'], /--storage-class/],
  ['what is no bucket', ['s3://x'], /is not a place in a bucket/],
])('%s is a mistake in the command line', async (_, argv, message) => {
  const cwd = await makeFolder()
  await fill(cwd, { 'a.txt': 'x' })
  const { code, stderr } = await kompressor(['estimate', ...argv], { cwd })
  expect(stderr).toMatch(message)
  expect(code).toBe(2)
})

describe.skipIf(!existsSync(corpus))('over the corpus', () => {
  test('a third of it foretells the whole', async () => {
    const cwd = await makeFolder()
    const options = [corpus, '--quiet', '--preset', 'fast', '--slots', '2']
    const whole = await estimateOf(options, cwd)
    const part = await estimateOf([...options, '--sample', '16', '--seed', '2'], cwd)
    expect(part.sample.files).toBeLessThan(whole.found.files)
    expect(part.saved.low).toBeLessThanOrEqual(whole.saved.value)
    expect(part.saved.high).toBeGreaterThanOrEqual(whole.saved.value)
  })
})
