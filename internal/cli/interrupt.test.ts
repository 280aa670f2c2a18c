import { expect, onTestFinished, test } from 'vitest'
import { exitCodeOf, listenForInterrupt } from './interrupt.ts'

function listen() {
  let now = 1000
  let calls = 0
  const interrupt = listenForInterrupt({ now: () => now, onFirst: () => calls++ })
  onTestFinished(() => interrupt.dispose())
  const press = (afterMs: number, signal: NodeJS.Signals = 'SIGINT') => {
    now += afterMs
    process.emit(signal, signal)
  }
  return { interrupt, press, calls: () => calls }
}

test('the first press stops, the second kills', () => {
  const { interrupt, press, calls } = listen()
  press(0)
  expect([interrupt.stop.aborted, interrupt.kill.aborted, interrupt.received]).toEqual([
    true,
    false,
    'SIGINT',
  ])
  press(1000)
  expect(interrupt.kill.aborted).toBe(true)
  expect(calls()).toBe(1)
})

test('one press that arrives twice, from the terminal and from a launcher, is one', () => {
  const { interrupt, press } = listen()
  press(0)
  press(5)
  expect(interrupt.kill.aborted).toBe(false)
})

test('exit codes are those of shells', () => {
  expect([exitCodeOf('SIGINT'), exitCodeOf('SIGTERM'), exitCodeOf('SIGHUP')]).toEqual([130, 143, 129])
})
