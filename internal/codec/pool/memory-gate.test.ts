import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryGate } from './memory-gate.ts'

const never = new AbortController().signal

/** Enters and notes the name when let in. */
function enter(gate: MemoryGate, name: string, bytes: number, inside: string[], signal = never) {
  return gate.enter(bytes, signal).then(() => inside.push(name))
}
const settle = () => new Promise(setImmediate)

describe('MemoryGate', () => {
  it('lets in what fits together', async () => {
    const gate = new MemoryGate(() => 100)
    const inside: string[] = []
    for (const name of ['a', 'b', 'c']) void enter(gate, name, 50, inside)
    await settle()
    expect(inside).toEqual(['a', 'b'])
    gate.leave(50)
    await settle()
    expect(inside).toEqual(['a', 'b', 'c'])
  })

  it('lets a file above the budget in alone, and nobody past it while it waits', async () => {
    const gate = new MemoryGate(() => 100)
    const inside: string[] = []
    void enter(gate, 'small', 10, inside)
    void enter(gate, 'huge', 500, inside)
    void enter(gate, 'tiny', 1, inside)
    await settle()
    expect(inside).toEqual(['small'])
    gate.leave(10)
    await settle()
    expect(inside).toEqual(['small', 'huge'])
    gate.leave(500)
    await settle()
    expect(inside).toEqual(['small', 'huge', 'tiny'])
  })

  it('lets the next ones in when the head gives up', async () => {
    const gate = new MemoryGate(() => 100)
    const inside: string[] = []
    const abort = new AbortController()
    void enter(gate, 'small', 10, inside)
    const huge = enter(gate, 'huge', 500, inside, abort.signal)
    void enter(gate, 'tiny', 1, inside)
    abort.abort(new Error('not wanted'))
    await expect(huge).rejects.toThrow('not wanted')
    expect(inside).toEqual(['small', 'tiny'])
    expect(gate.waiting).toBe(0)
  })

  it('never exceeds the budget with more than one inside, and lets everyone in, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 30 }), async (sizes) => {
        const gate = new MemoryGate(() => 100)
        const inside: number[] = []
        const entered: number[] = []
        sizes.forEach((bytes, i) => {
          void gate.enter(bytes, never).then(() => {
            inside.push(bytes)
            entered.push(i)
          })
        })
        for (let steps = 0; steps <= sizes.length; steps++) {
          await settle()
          if (inside.length > 1) expect(inside.reduce((a, b) => a + b)).toBeLessThanOrEqual(100)
          const leaving = inside.shift()
          if (leaving !== undefined) gate.leave(leaving)
        }
        expect(entered).toEqual(sizes.map((_, i) => i))
      }),
    )
  })
})
