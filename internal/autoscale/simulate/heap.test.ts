import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Agenda } from './heap.ts'

it('gives what was added by time, and of one time what was added first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const agenda = new Agenda<{ at: number; i: number }>()
      times.forEach((at, i) => {
        agenda.add(at, { at, i })
      })
      const taken = times.map(() => agenda.take())
      expect(taken).toEqual(times.map((at, i) => ({ at, i })).sort((a, b) => a.at - b.at || a.i - b.i))
      expect(agenda.take()).toBeUndefined()
    }),
  )
})

it('can be added to while things are taken', () => {
  const agenda = new Agenda<string>()
  agenda.add(2, 'second')
  agenda.add(1, 'first')
  expect([agenda.nextAt, agenda.take()]).toEqual([1, 'first'])
  agenda.add(1.5, 'between')
  expect([agenda.take(), agenda.take(), agenda.nextAt]).toEqual([
    'between',
    'second',
    Number.POSITIVE_INFINITY,
  ])
})
