import { expect, test } from 'vitest'
import { renderSummary } from './render-estimate.ts'

const part = { files: 10, bytes: 1000, sampled: 5, bytesSaved: 400, low: 300, high: 500 }

test('says what would be saved, of what, and shows the best and the worst', () => {
  const lines = renderSummary({
    ...part,
    coreHours: 1.5,
    duration: '12m',
    monthlySavings: 9.2,
    costs: 5.8,
    byType: [{ name: 'JPEG', ...part }],
    byPrefix: [
      { name: 'a/', ...part },
      { name: 'b/', ...part },
    ],
    best: [{ path: 'a/1.jpg', bytesIn: 100, bytesOut: 20, score: 75.2 }],
    worst: [{ path: 'b/2.jpg', bytesIn: 100, bytesOut: 100, reason: 'already_compressed' }],
  })
  expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
    '400 B of 1.0 kB would be saved: 40.0%, 30.0% – 50.0% with 95 % confidence',
    '10 files, 5 of them were looked at',
    '1.5 core-hours, 12m at most workers',
    '$9.2 a month once originals are removed, $5.8 once',
    'type files in would save 95 % between looked at',
    'JPEG 10 1.0 kB 400 B 40.0%, 30.0% – 50.0% 5',
    'below files in would save 95 % between looked at',
    'a/ 10 1.0 kB 400 B 40.0%, 30.0% – 50.0% 5',
    'b/ 10 1.0 kB 400 B 40.0%, 30.0% – 50.0% 5',
    'best before after',
    'a/1.jpg 100 B 20 B 80.0% score 75',
    'worst before after',
    'b/2.jpg 100 B 100 B 0.0% compressed well enough already',
  ])
})

test('says nothing of a job that has found nothing yet', () => {
  expect(renderSummary(undefined)).toEqual([])
})
