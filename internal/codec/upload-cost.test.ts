import { describe, expect, test } from 'vitest'
import { defaultOptions } from './options.ts'
import { predictUploadCost } from './upload-cost.ts'

const cost = (file: { name: string; size?: number; type?: string }) => predictUploadCost(file, defaultOptions)

describe('the predicted cost of an upload', () => {
  test('takes a photograph for one by its type or its name, whatever the case', () => {
    const typed = cost({ name: 'a', size: 1e6, type: 'image/jpeg' })
    expect(cost({ name: 'A.JPG', size: 1e6 })).toBe(typed)
    expect(cost({ name: 'a.jpg', size: 1e6, type: 'application/octet-stream' })).toBe(typed)
    expect(cost({ name: 'a.log', size: 1e6 })).toBeLessThan(typed / 3)
  })

  test('grows with the size and is there without one', () => {
    expect(cost({ name: 'a.jpg', size: 2e6 })).toBeGreaterThan(cost({ name: 'a.jpg', size: 1e6 }))
    expect(cost({ name: 'a.jpg' })).toBeGreaterThan(0)
  })
})
