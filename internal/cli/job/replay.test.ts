import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replay } from './replay.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'replay-'))
})
afterAll(() => rm(folder, { recursive: true }))

const settings = {
  minReplicas: 0,
  maxReplicas: 10,
  targetDrainSeconds: 60,
  scaleDownStabilizationSeconds: 180,
  suspended: false,
  slots: 2,
  slotsPerPartition: 2,
  startSeconds: 10,
}

/** 480 s of work over four partitions: 10 slots in the 48 s that are left of a minute. */
function line(seconds: number, work: number, then: number, from: number): string {
  const tasks = work / 2
  const snapshot = {
    at: seconds * 1000,
    lag: Array.from({ length: 8 }, () => tasks / 8),
    releasedSeconds: work,
    unreleasedSeconds: 0,
    openTasks: tasks,
    arrival: { mean: 0, sigma: 0, recent: 0 },
    serviceP95Seconds: 2,
    replicas: from,
    ageMs: 0,
    throttled: false,
    degraded: false,
  }
  const time = new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString()
  return JSON.stringify({
    level: 'debug',
    time,
    namespace: 'team',
    job: 'photos',
    snapshot,
    settings,
    replicas: then,
  })
}

async function run(lines: readonly string[], ...argv: string[]): Promise<string[]> {
  const file = path.join(folder, 'operator.log')
  await writeFile(file, lines.join('\n'))
  const written: string[] = []
  const output = { write: (text: string) => written.push(text) > 0 }
  await replay([file, ...argv], { stdout: output, stderr: output, env: {}, cwd: folder, now: () => 0 })
  return written.join('').trimEnd().split('\n')
}

const log = [
  '{"level":"info","msg":"leading"}',
  line(0, 480, 5, 0),
  line(5, 480, 5, 5),
  'something that is no JSON',
  line(10, 480, 7, 5),
]

describe('kompressor job replay', () => {
  it('shows decisions that change the number or are others than then', async () => {
    expect(await run(log)).toEqual([
      expect.stringMatching(
        /^2026-01-01T12:00:00.000Z {2}team\/photos {2}0 → 5 {2}Up from 0 to 5 pods: 480 s of work/,
      ),
      expect.stringMatching(
        /^2026-01-01T12:00:10.000Z {2}team\/photos {2}5 → 5 \(then 7\) {2}5 pods as before/,
      ),
      '3 decisions, 1 not as they were then.',
    ])
  })

  it('shows all of them when asked to', async () => {
    expect(await run(log, '--all')).toHaveLength(4)
  })

  it('decides by other settings when some are given', async () => {
    const [first] = await run(log, '--max-replicas', '3')
    expect(first).toContain('0 → 3 (then 5)')
  })

  it('writes every decision with its terms as JSON', async () => {
    const lines = await run(log, '--json')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      job: 'team/photos',
      recorded: 5,
      replicas: 5,
      terms: { work: 480 },
    })
  })

  it.each([
    ['there is nothing recorded', ['{"msg":"leading"}'], /no decision is recorded in .*--log-level debug/],
    [
      'a snapshot has another form',
      [log[1] ?? '', '{"job":"a","snapshot":{}}'],
      /operator\.log:2 .*snapshot\.at/,
    ],
  ])('says so when %s', async (_, lines, message) => {
    await expect(run(lines)).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringMatching(message),
    })
  })

  it('says so when there is no such file', async () => {
    const io = {
      stdout: { write: () => true },
      stderr: { write: () => true },
      env: {},
      cwd: folder,
      now: () => 0,
    }
    await expect(replay([path.join(folder, 'none')], io)).rejects.toThrow(/there is no file/)
  })
})
