import { describeServices, services } from '../../../test/support/services.ts'
import { describeBroker } from '../contract/index.ts'
import { createKafkaBroker } from './broker.ts'

describeServices('createKafkaBroker', () => {
  describeBroker('on Kafka', async () => {
    const open = () => createKafkaBroker({ brokers: services().kafkaBrokers, clientId: 'contract' })
    let broker = open()
    return {
      broker,
      reopen: async () => {
        await broker.close()
        broker = open()
        return broker
      },
      dispose: () => broker.close(),
    }
  })
})
