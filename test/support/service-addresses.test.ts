import { describe, expect, it } from 'vitest'
import { addressesFrom } from './service-addresses.ts'

const whole = {
  KOMPRESSOR_TEST_DATABASE_URL: 'postgres://db',
  KOMPRESSOR_TEST_KAFKA_BROKERS: 'a:9092,b:9092',
  KOMPRESSOR_TEST_S3_ENDPOINT: 'http://s3',
  KOMPRESSOR_TEST_TOXIPROXY_URL: 'http://toxiproxy',
  AWS_REGION: 'here',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
}

describe('addressesFrom', () => {
  it('takes the servers the environment names', () => {
    expect(addressesFrom(whole)).toEqual({
      databaseUrl: 'postgres://db',
      kafkaBrokers: ['a:9092', 'b:9092'],
      s3: {
        endpoint: 'http://s3',
        region: 'here',
        credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      },
      toxiproxyUrl: 'http://toxiproxy',
    })
  })

  it('is nothing when the environment names none, whatever else it says', () => {
    expect(addressesFrom({ AWS_REGION: 'here' })).toBeUndefined()
  })

  it('refuses to name some and leave out others', () => {
    expect(() => addressesFrom({ ...whole, KOMPRESSOR_TEST_S3_ENDPOINT: undefined })).toThrow(
      'KOMPRESSOR_TEST_S3_ENDPOINT is needed',
    )
  })
})
