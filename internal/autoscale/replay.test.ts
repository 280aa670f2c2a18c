import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { type Recorded, readRecorded } from './recorded.ts'
import { replay } from './replay.ts'
import { settings, snapshot } from './snapshot.fixture.ts'
import { nothingRemembered } from './snapshot.ts'

/** A job that gets work at 30 s and is done with it at 60 s, decided on every five seconds for six minutes. */
function recording(job: string): Recorded[] {
  let memory = nothingRemembered
  let replicas = 0
  return Array.from({ length: 72 }, (_, i) => {
    const busy = i >= 6 && i < 12
    const seen = snapshot({
      at: i * 5000,
      replicas,
      ...(busy && { lag: [60, 60, 60, 60], releasedSeconds: 400, openTasks: 240 }),
    })
    const decision = decide(seen, settings(), memory)
    memory = decision.memory
    replicas = decision.replicas
    return { job, snapshot: seen, settings: settings(), replicas }
  })
}

const lineOf = ({ job, ...rest }: Recorded): string =>
  JSON.stringify({ level: 'debug', job, ...rest, msg: 'decided' })

describe('replay', () => {
  it('decides what was decided, also where jobs take turns', () => {
    const [a, b] = [recording('a'), recording('b').slice(5)]
    const records = a.flatMap((one, i) => [one, ...(b[i] === undefined ? [] : [b[i]])])
    const replayed = replay(records)
    expect(replayed.map(({ decision }) => decision.replicas)).toEqual(records.map(({ replicas }) => replicas))
    expect(new Set(records.map(({ replicas }) => replicas)).size).toBeGreaterThan(1)
  })

  it('tells what other settings had done', () => {
    const most = (change: Parameters<typeof replay>[1]) =>
      Math.max(...replay(recording('a'), change).map(({ decision }) => decision.replicas))
    expect(most({})).toBe(2)
    expect(most({ targetDrainSeconds: 30 })).toBe(4)
    expect(most({ maxReplicas: 1 })).toBe(1)
  })
})

describe('readRecorded', () => {
  it('reads back what was written, also what could not be read then', () => {
    const [first] = recording('shop/photos')
    if (first === undefined) throw new Error('nothing was recorded')
    expect(readRecorded(lineOf(first))).toEqual(first)
    const blind = { ...first, snapshot: { ...first.snapshot, ageMs: undefined } }
    expect(readRecorded(lineOf(blind))).toEqual(blind)
  })

  it('joins namespace and name', () => {
    const [first] = recording('photos')
    if (first === undefined) throw new Error('nothing was recorded')
    expect(readRecorded(JSON.stringify({ ...first, namespace: 'shop' }))?.job).toBe('shop/photos')
  })

  it('keeps a figure that is none, which JSON writes as null, for the policy to judge', () => {
    const [first] = recording('a')
    if (first === undefined) throw new Error('nothing was recorded')
    const spoiled = { ...first, snapshot: { ...first.snapshot, releasedSeconds: Number.NaN } }
    const read = readRecorded(lineOf(spoiled))
    expect(replay(read === undefined ? [] : [read])[0]?.decision.reason).toBe('Contradictory')
  })

  it.each(['', 'not JSON {', '7', 'null', '{"level":"info","msg":"leading"}'])('passes over %j', (line) => {
    expect(readRecorded(line)).toBeUndefined()
  })

  it('says what is wrong with a snapshot it cannot read', () => {
    const line = '{"job":"a","snapshot":{"at":"noon"},"settings":{},"replicas":1}'
    expect(() => readRecorded(line)).toThrow(/^snapshot\.at: /)
  })
})
