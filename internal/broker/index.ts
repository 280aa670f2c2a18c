export { createEmbeddedBroker, type EmbeddedBrokerOptions } from './embedded/broker.ts'
export { createKafkaBroker, type KafkaBrokerOptions } from './kafkajs/broker.ts'
export type { KafkaConnection } from './kafkajs/client.ts'
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
