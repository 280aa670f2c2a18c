export interface ServiceAddresses {
  /** A superuser's URL on Postgres 15 or later. */
  databaseUrl: string
  kafkaBrokers: string[]
  s3: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } }
  /** Of Toxiproxy's HTTP API, which runs beside the tests: its proxies listen on our loopback interface. */
  toxiproxyUrl: string
}

/** What `inject('services')` gives. */
export type ProvidedServices =
  | (ServiceAddresses & {
      /** Why no further servers can be started, for suites that pull plugs, when the tools for it are missing. */
      cannotStart?: string
    })
  | { unavailable: string }

const names = [
  'KOMPRESSOR_TEST_DATABASE_URL',
  'KOMPRESSOR_TEST_KAFKA_BROKERS',
  'KOMPRESSOR_TEST_S3_ENDPOINT',
  'KOMPRESSOR_TEST_TOXIPROXY_URL',
] as const

/**
 * The servers an environment names; undefined when it names none. To name some and not others is an error: nobody wants
 * half of the suites to run somewhere else.
 */
export function addressesFrom(
  env: Readonly<Record<string, string | undefined>>,
): ServiceAddresses | undefined {
  const missing = names.filter((name) => !env[name])
  if (missing.length === names.length) return undefined
  const read = (name: string): string => {
    const value = env[name]
    if (!value) throw new Error(`${name} is needed beside the other KOMPRESSOR_TEST_ variables`)
    return value
  }
  return {
    databaseUrl: read('KOMPRESSOR_TEST_DATABASE_URL'),
    kafkaBrokers: read('KOMPRESSOR_TEST_KAFKA_BROKERS').split(','),
    s3: {
      endpoint: read('KOMPRESSOR_TEST_S3_ENDPOINT'),
      region: read('AWS_REGION'),
      credentials: {
        accessKeyId: read('AWS_ACCESS_KEY_ID'),
        secretAccessKey: read('AWS_SECRET_ACCESS_KEY'),
      },
    },
    toxiproxyUrl: read('KOMPRESSOR_TEST_TOXIPROXY_URL'),
  }
}
