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
