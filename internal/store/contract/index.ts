import { afterAll, beforeAll, describe } from 'vitest'
import type { Store } from '../index.ts'
import { describeActivity } from './activity.ts'
import { describeClusterJobs } from './cluster-jobs.ts'
import { type Fixture, fixtureOn } from './fixture.ts'
import { describeJobViews } from './job-views.ts'
import { describeReleasing } from './releasing.ts'
import { describeSettling } from './settling.ts'
import { describeSubmitting } from './submitting.ts'
import { describeUpkeep } from './upkeep.ts'
import { describeWebhooks } from './webhooks.ts'

/** What every store must do, whatever Postgres is behind it. `makeStore` gives an empty, migrated one. */
export function describeStore(name: string, makeStore: () => Promise<Store>): void {
  describe(`${name} store`, () => {
    let current: Fixture | undefined
    beforeAll(async () => {
      current = fixtureOn(await makeStore())
    }, 120_000)
    afterAll(() => current?.store.close())
    const fixture = () => {
      if (current === undefined) throw new Error('the store is made before the tests')
      return current
    }

    describe('submitting', () => describeSubmitting(fixture))
    describe('settling', () => describeSettling(fixture))
    describe('releasing', () => describeReleasing(fixture))
    describe('jobs of a cluster', () => describeClusterJobs(fixture))
    describe('what is seen of jobs', () => describeJobViews(fixture))
    describe('activity', () => describeActivity(fixture))
    describe('telling of ended batches', () => describeWebhooks(fixture))
    describe('upkeep', () => describeUpkeep(fixture))
  })
}
