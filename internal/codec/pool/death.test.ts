import { describe, expect, it } from 'vitest'
import { ChildDied, deathOf, type Exit } from './death.ts'

const exit: Exit = { pid: 7, files: 3, code: null, signal: null, stderr: '', wasReady: true }

describe('deathOf', () => {
  it.each([
    [
      'our deadline',
      { signal: 'SIGKILL', killedFor: 'deadline' },
      'codec_timeout',
      'was not done after 500 ms',
    ],
    ['our watchdog', { signal: 'SIGKILL', killedFor: 'memory' }, 'codec_out_of_memory', 'little memory'],
    ['a cancellation', { signal: 'SIGKILL', killedFor: 'cancelled' }, 'cancelled', 'was cancelled'],
    ['the end of the pool', { signal: 'SIGKILL', killedFor: 'closing' }, 'shutting_down', 'stopping'],
    ["a SIGKILL that isn't ours", { signal: 'SIGKILL' }, 'codec_out_of_memory', 'by the system'],
    ['a segmentation fault', { signal: 'SIGSEGV' }, 'codec_crashed', 'signal SIGSEGV'],
    [
      "V8's heap limit",
      { signal: 'SIGABRT', stderr: 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory\n' },
      'codec_out_of_memory',
      'could not get memory',
    ],
    [
      'an exception nobody caught',
      {
        code: 1,
        stderr: 'file:///x.ts:3\n  throw x\nRangeError: bad scan\n    at x.ts:3\n\nNode.js v24.0.0\n',
      },
      'codec_crashed',
      'exit code 1: RangeError: bad scan',
    ],
  ] as const)('of %s', (_, how, code, said) => {
    const error = deathOf('photo.jpg', new ChildDied({ ...exit, ...how }), 500)
    expect(error.code).toBe(code)
    expect(error.message).toContain('photo.jpg')
    expect(error.message).toContain(said)
  })
})
