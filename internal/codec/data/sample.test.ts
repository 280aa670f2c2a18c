import { describe, expect, it } from 'vitest'
import { sampleWindows, windowBytes } from './sample.ts'

describe('sampleWindows', () => {
  it('takes a small file whole', () => {
    expect(sampleWindows(3 * windowBytes)).toEqual([{ start: 0, length: 3 * windowBytes }])
  })

  it('takes start, middle and end of a large file, inside the file', () => {
    const size = 5 * 1024 ** 3
    expect(sampleWindows(size)).toEqual([
      { start: 0, length: windowBytes },
      { start: (size - windowBytes) / 2, length: windowBytes },
      { start: size - windowBytes, length: windowBytes },
    ])
  })
})
