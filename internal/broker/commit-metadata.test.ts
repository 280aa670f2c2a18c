import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CommitDetails,
  countDoneAhead,
  decodeCommitDetails,
  encodeCommitDetails,
  maxMetadataBytes,
} from './commit-metadata.ts'

const details: CommitDetails = {
  runs: [
    { from: 12n, to: 13n },
    { from: 20n, to: 120n },
  ],
  starts: new Map([
    [10n, 1],
    [19n, 3],
  ]),
}

describe('commit metadata', () => {
  it('brings runs and start counts back', () => {
    const text = encodeCommitDetails(10n, details)
    expect(text).toMatch(/^1:0,9\.3:2,7\.2s:[0-9a-z]+$/)
    expect(decodeCommitDetails(10n, text)).toEqual(details)
    expect(countDoneAhead(10n, text)).toBe(101)
  })

  it('is empty when there is nothing to tell', () => {
    expect(encodeCommitDetails(7n, { runs: [], starts: new Map() })).toBe('')
  })

  it.each(['', 'consumer-1', '{"v":1}', '2:0:2:abc', '1::2.3:zzz', '1:::', '\u{1F600}', 'x'.repeat(5_000)])(
    'reads %j as nothing known',
    (text) => {
      expect(decodeCommitDetails(10n, text)).toEqual({ runs: [], starts: new Map() })
    },
  )

  it('reads a text cut anywhere, or with any character changed, as nothing known', () => {
    const text = encodeCommitDetails(10n, details)
    for (let length = 0; length < text.length; length += 1) {
      expect(decodeCommitDetails(10n, text.slice(0, length)).runs).toEqual([])
      const changed = `${text.slice(0, length)}${text[length] === '3' ? '4' : '3'}${text.slice(length + 1)}`
      expect(decodeCommitDetails(10n, changed).runs).toEqual([])
    }
  })

  it('never throws on whatever stands there', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeCommitDetails(5n, text)))
  })

  it('leaves out the last runs rather than exceed the limit', () => {
    const runs = Array.from({ length: 2_000 }, (_, i) => ({ from: BigInt(2 * i + 1), to: BigInt(2 * i + 2) }))
    const text = encodeCommitDetails(0n, { runs, starts: new Map([[0n, 2]]) })
    expect(text.length).toBeLessThanOrEqual(maxMetadataBytes)
    expect(text.length).toBeGreaterThan(maxMetadataBytes - 20)
    const back = decodeCommitDetails(0n, text)
    expect(back.starts).toEqual(new Map([[0n, 2]]))
    expect(back.runs).toEqual(runs.slice(0, back.runs.length))
  })
})
