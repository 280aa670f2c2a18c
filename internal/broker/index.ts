export { createEmbeddedBroker, type EmbeddedBrokerOptions } from './embedded/broker.ts'
export type {
  Broker,
  ConsumeBatchesOptions,
  ConsumeEachOptions,
  Consumer,
  Delivery,
  IncomingRecord,
  OutgoingRecord,
  PartitionLag,
  RecordPosition,
} from './port.ts'
