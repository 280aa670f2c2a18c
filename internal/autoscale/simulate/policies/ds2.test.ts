import { describe, expect, it } from 'vitest'
import type { View } from '../policy.ts'
import { ds2 } from './ds2.ts'

const settings = {
  slots: 2,
  maxReplicas: 24,
  window: 60,
  utilization: 0.8,
  boundary: 0.1,
  catchUp: 60,
  stabilization: 30,
}

/** A stream of `rate` tasks a second that take `cost` seconds each, for two minutes. */
function settled(rate: number, cost: number, given: Partial<View> = {}): number {
  const decide = ds2('test', settings).start()
  let replicas = 1
  for (let at = 0; at <= 120; at += 5) {
    const done = rate * at
    const view: View = {
      at,
      answers: true,
      lag: [0],
      exactLag: [0],
      openTasks: 1,
      releasedSeconds: 0,
      unreleasedSeconds: 0,
      p95Seconds: 0,
      accepted: done,
      done,
      busySlots: 0,
      busySeconds: done * cost,
      replicas,
      pods: replicas,
      ...given,
    }
    replicas = decide(view)
  }
  return replicas
}

describe('ds2', () => {
  it('has the target rate over the true rate of a pod, at the target utilisation', () => {
    // 8 a second of 2 s are 16 slots, 8 pods; at 0.8 of their time 10.
    expect(settled(8, 2)).toBe(10)
  })

  it('adds the backlog over the time in which it should be gone', () => {
    // 240 over 60 s are 4 a second more.
    expect(settled(8, 2, { exactLag: [240] })).toBe(15)
  })

  it('keeps one pod as long as nothing was measured', () => {
    expect(settled(0, 2)).toBe(1)
  })
})
