import type { Broker } from '../broker/index.ts'

/**
 * A broker that is asked once for a topic that stays as it is: every reconcile makes sure of it, and Kafka would be asked
 * for the metadata of every topic every few seconds. A topic whose lag cannot be read is made sure of again: somebody may
 * have deleted it.
 */
export function rememberTopics(broker: Broker): Broker {
  const known = new Map<string, number>()
  return {
    ...broker,
    async ensureTopic(topic, options) {
      if ((known.get(topic) ?? 0) >= options.partitions) return
      await broker.ensureTopic(topic, options)
      known.set(topic, options.partitions)
    },
    async deleteTopic(topic) {
      known.delete(topic)
      await broker.deleteTopic(topic)
    },
    async lag(group, topic) {
      try {
        return await broker.lag(group, topic)
      } catch (error) {
        known.delete(topic)
        throw error
      }
    },
  }
}
