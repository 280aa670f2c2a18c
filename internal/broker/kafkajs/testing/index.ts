import { clientFactory } from '../client.ts'

/** What Kafka does to the offsets of a group without members after a week. */
export async function forgetOffsets(brokers: string[], group: string): Promise<void> {
  const admin = clientFactory({ brokers, clientId: 'test' })({}).admin()
  await admin.connect()
  try {
    await admin.deleteGroups([group])
  } finally {
    await admin.disconnect()
  }
}
