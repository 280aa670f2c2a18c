import { expect, inject, test } from 'vitest'
import { missingTools } from '../../tools/services/index.ts'
import { measureOperator } from './measure.ts'

const minute = 60_000
const missing = await missingTools()
const MB = 1024 ** 2

test.skipIf('unavailable' in inject('cluster') || (missing.length > 0 && !process.env.CI))(
  'an operator brings many jobs in place, and then looks at those alone that have work',
  async () => {
    const jobs = 24
    const busy = 4
    const figures = await measureOperator({ jobs, busy, steadySeconds: 10 })
    expect(figures.deploymentSeconds).toHaveLength(jobs)
    expect(figures.deploymentSeconds.at(-1)).toBeLessThan(Number.POSITIVE_INFINITY)
    // Every five seconds, and once more for each change of their Deployments.
    expect(figures.reconcilesPerSecond).toBeLessThan(busy)
    expect(figures.rssBytes / MB).toBeLessThan(300)
  },
  20 * minute,
)
