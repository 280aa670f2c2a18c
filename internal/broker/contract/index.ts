import { describe } from 'vitest'
import { describeBatches } from './batches.ts'
import { describeDeliveries } from './deliveries.ts'
import type { MakeBroker } from './fixture.ts'
import { describeGroups } from './groups.ts'
import { describeProduce } from './produce.ts'
import { describeRecovery } from './recovery.ts'

export type { BrokerHarness, MakeBroker } from './fixture.ts'

/** Everything the port promises. Every adapter passes it unchanged; topics and groups are new in every test. */
export function describeBroker(name: string, makeBroker: MakeBroker): void {
  describe(`the broker contract, ${name}`, () => {
    describeProduce(makeBroker)
    describeDeliveries(makeBroker)
    describeBatches(makeBroker)
    describeRecovery(makeBroker)
    describeGroups(makeBroker)
  })
}
