import type { Delivery } from '../broker/index.ts'
import type { Attributes } from '../telemetry/index.ts'

/** Where a task came from, as the semantic conventions of messaging name it. */
export function receivedFrom({ record: { topic, partition, offset, key } }: Delivery): Attributes {
  return {
    'messaging.system': 'kafka',
    'messaging.operation.type': 'process',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.offset': Number(offset),
    ...(key !== undefined && { 'messaging.kafka.message.key': key }),
  }
}
