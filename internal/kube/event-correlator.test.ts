import { describe, expect, it } from 'vitest'
import { defaultCorrelatorPolicy, EventCorrelator, type Happening } from './event-correlator.ts'

const happening = (message: string, rest: Partial<Happening> = {}): Happening => ({
  uid: 'u',
  type: 'Normal',
  reason: 'Scaled',
  message,
  ...rest,
})

/** Tells and, as the recorder does, says that an Event was created. */
function tell(correlator: EventCorrelator, what: Happening, now: number): string {
  const telling = correlator.tell(what, now)
  if (telling.kind === 'create') correlator.created(telling.slot, `event-${telling.message}`)
  if (telling.kind === 'repeat') return `repeat ${telling.name} ${telling.count}`
  return telling.kind === 'create' ? `create ${telling.message}` : 'drop'
}

describe('EventCorrelator', () => {
  it('counts a repetition on the Event that is there', () => {
    const correlator = new EventCorrelator()
    expect([0, 1000, 2000].map((now) => tell(correlator, happening('to 3'), now))).toEqual([
      'create to 3',
      'repeat event-to 3 2',
      'repeat event-to 3 3',
    ])
  })

  it('tells a new Event for another object, reason or type', () => {
    const correlator = new EventCorrelator()
    const others: Partial<Happening>[] = [{}, { uid: 'v' }, { reason: 'Held' }, { type: 'Warning' }]
    for (const other of others) expect(tell(correlator, happening('m', other), 0)).toBe('create m')
  })

  it('tells it anew when the last time was long ago or its Event is gone', () => {
    const correlator = new EventCorrelator()
    tell(correlator, happening('m'), 0)
    expect(tell(correlator, happening('m'), 600_001)).toBe('create m')
    const again = correlator.tell(happening('m'), 600_002)
    expect(again.kind).toBe('repeat')
    if (again.kind === 'repeat') correlator.forget(again.slot)
    expect(tell(correlator, happening('m'), 600_003)).toBe('create m')
  })

  it('combines what differs only in its words once there is too much of it', () => {
    const correlator = new EventCorrelator({ ...defaultCorrelatorPolicy, similar: 2 })
    expect(['a', 'b', 'c', 'd'].map((m) => tell(correlator, happening(m), 0))).toEqual([
      'create a',
      'create b',
      'create (combined from similar events): c',
      'repeat event-(combined from similar events): c 2',
    ])
  })

  it('cuts short an object that never falls silent, and no other', () => {
    const correlator = new EventCorrelator({
      ...defaultCorrelatorPolicy,
      perObject: { burst: 2, perSecond: 0.1 },
    })
    expect(['a', 'b', 'c'].map((m) => tell(correlator, happening(m), 0)).at(-1)).toBe('drop')
    expect(tell(correlator, happening('c', { uid: 'v' }), 0)).toBe('create c')
    expect(tell(correlator, happening('c'), 10_000)).toBe('create c')
  })

  it('remembers a bounded number of Events', () => {
    const correlator = new EventCorrelator({ ...defaultCorrelatorPolicy, remembered: 2 })
    for (const uid of ['a', 'b', 'c']) tell(correlator, happening('m', { uid }), 0)
    expect(tell(correlator, happening('m', { uid: 'c' }), 0)).toBe('repeat event-m 2')
    expect(tell(correlator, happening('m', { uid: 'a' }), 0)).toBe('create m')
  })
})
