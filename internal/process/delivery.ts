import type { Broker } from '../broker/index.ts'
import {
  type DeliveryDeps,
  startProjector,
  startRelay,
  startSweeper,
  startWebhooks,
  type WebhooksOptions,
} from '../delivery/index.ts'
import type { ObjectStore } from '../objects/index.ts'
import { countFilesByState, fileStates, type JobRow, type Store } from '../store/index.ts'
import type { OnStop } from './assemble.ts'
import { supervise } from './supervise.ts'

/** What moves work along, over Kafka. Each may run in any number of processes. */
export const deliveryRoles = ['relay', 'projector', 'sweeper'] as const
export type DeliveryRole = (typeof deliveryRoles)[number]

export interface DeliveryParts extends DeliveryDeps {
  store: Store
  broker: Broker
  objects: ObjectStore
  /** Whether the store is in this process. */
  embedded?: boolean
  wantedSlots: (job: JobRow) => number
  orphanAgeMs: number
  idempotencyRetentionMs: number
}

/** Starts these roles, the projector first: what has been done counts before more is given out. */
export async function startDelivery(
  roles: ReadonlySet<string>,
  parts: DeliveryParts,
  onStop: OnStop,
): Promise<void> {
  const { logger, store, metrics } = parts
  if (roles.has('projector')) {
    const projector = await supervise({
      name: 'projector',
      logger,
      start: (onCrash) => startProjector({ ...parts, random: Math.random, onCrash }),
    })
    onStop('projector', (graceMs) => projector.stop({ graceMs }))
  }
  if (roles.has('relay')) {
    const relay = await startRelay(parts)
    onStop('relay', () => relay.stop())
  }
  if (roles.has('sweeper')) {
    const sweeper = startSweeper(parts)
    onStop('sweeper', () => sweeper.stop())
    const stopCounting = metrics.onCollect('files', async () => {
      const counts = await countFilesByState(store.db)
      for (const state of fileStates) metrics.files.set({ state }, counts[state])
    })
    onStop('count of files', async () => stopCounting())
  }
}

/** Starts telling receivers of batches that have ended; needs no broker. Throws invalid_configuration: a network is none. */
export async function startTelling(options: Omit<WebhooksOptions, 'random'>, onStop: OnStop): Promise<void> {
  const webhooks = await startWebhooks({ ...options, random: Math.random })
  onStop('webhooks', (graceMs) => webhooks.stop({ graceMs }))
}
