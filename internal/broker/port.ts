/**
 * The log between relay, workers and projector: topics of ordered partitions, consumer groups, offsets. Two adapters:
 * embedded (on the same database, standalone) and kafkajs. Delivery is at-least-once; order holds inside a partition
 * only as far as `concurrency: 1` asks for it.
 *
 * Errors (KompressorError): broker_unavailable.
 */
export interface Broker {
  /** Creates the topic, or grows it to this many partitions. Never shrinks. */
  ensureTopic(topic: string, options: { partitions: number }): Promise<void>
  /** Deletes topic and records. Other topics are not disturbed. Deleting an absent topic is not an error. */
  deleteTopic(topic: string): Promise<void>
  /** Appends; resolves when the records are durable, with their positions in the order given. */
  produce(topic: string, records: readonly OutgoingRecord[]): Promise<RecordPosition[]>
  /** Hands each record to `handle`, up to `concurrency` at a time and in any order of completion. */
  consumeEach(options: ConsumeEachOptions): Promise<Consumer>
  /** Hands records over in batches, one batch at a time, in order inside each partition. */
  consumeBatches(options: ConsumeBatchesOptions): Promise<Consumer>
  /** Per partition, what a group has before it. */
  lag(group: string, topic: string): Promise<PartitionLag[]>
  /** Deletes what every consumer of the topic's one group has committed. */
  deleteCommitted(group: string, topic: string): Promise<void>
  close(): Promise<void>
}

export interface OutgoingRecord {
  /** Without a partition, records of one key share a partition; without either, partitions take turns. */
  key?: string
  partition?: number
  value: string
  headers?: Record<string, string>
}

export interface RecordPosition {
  partition: number
  offset: bigint
}

export interface IncomingRecord extends RecordPosition {
  topic: string
  key: string | undefined
  value: string
  headers: Record<string, string>
  /** When it was appended, milliseconds since the epoch. */
  timestamp: number
}

interface ConsumeOptions {
  topic: string
  group: string
  /**
   * Called once when the consumer cannot go on (a handler threw, the session is lost for good). The owner stops the
   * process or builds a new consumer; nothing was committed beyond what was done.
   */
  onCrash: (error: Error) => void
}

export interface ConsumeEachOptions extends ConsumeOptions {
  /** Records handed over and not yet done, over all partitions. */
  concurrency: number
  /** Resolving marks the record done. A throw is a crash: the record stays undone and comes again. */
  handle: (delivery: Delivery) => Promise<void>
}

export interface Delivery {
  record: IncomingRecord
  /**
   * How often this record was started before (by `start`) without becoming done: 0 on a first delivery. Starts that a
   * stop of the consumer interrupted do not count.
   */
  previousStarts: number
  /** Journals durably, before the work begins, that it begins. */
  start(): Promise<void>
  /** Aborted when the consumer stops and the grace period is over, or the partition went to another consumer. */
  signal: AbortSignal
}

export interface ConsumeBatchesOptions extends ConsumeOptions {
  /** Most records in one batch. */
  maxBatch: number
  /** Resolving marks the whole batch done. A throw is a crash. */
  handle: (records: readonly IncomingRecord[], signal: AbortSignal) => Promise<void>
}

export interface Consumer {
  /** Takes no more records, waits up to `graceMs` for those in hand, aborts the rest, commits what is done. Repeatable. */
  stop(options?: { graceMs?: number }): Promise<void>
}

export interface PartitionLag {
  partition: number
  /** The offset the next record will get. */
  end: bigint
  /** The lowest offset not yet done. */
  committed: bigint
  /** Records beyond `committed` that are done already. */
  doneAhead: number
  /** end - committed - doneAhead: records still to be done. */
  lag: number
}
