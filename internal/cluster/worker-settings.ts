import { bucketUrl, type OperatorConfig } from '../config/index.ts'
import { createNetworks } from '../fetch/index.ts'
import type { WorkerSettings } from '../operator/index.ts'

/** Credentials of the AWS SDK that workers need as well, when the operator has them in its environment. */
const awsSecrets = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const

/** How the operator reaches Kafka, and what workers are told so that they do too. */
export function workerSettings(config: OperatorConfig, env: NodeJS.ProcessEnv) {
  // What is no network is said here, and not by every worker.
  createNetworks({ allow: config.fetchAllow })
  const { kafkaBrokers, kafkaTls, kafkaSaslMechanism, kafkaUsername = '', kafkaPassword = '' } = config
  const settings: WorkerSettings = {
    image: config.workerImage,
    env: filled({
      KOMPRESSOR_KAFKA_BROKERS: kafkaBrokers.join(','),
      KOMPRESSOR_KAFKA_TLS: String(kafkaTls),
      KOMPRESSOR_KAFKA_SASL_MECHANISM: kafkaSaslMechanism,
      KOMPRESSOR_API_URL: config.apiUrl,
      KOMPRESSOR_FETCH_ALLOW: config.fetchAllow.join(','),
      KOMPRESSOR_FETCH_PER_HOST: String(config.fetchPerHost),
      KOMPRESSOR_FETCH_TIMEOUT: `${config.fetchTimeout}ms`,
    }),
    secretEnv: filled({
      KOMPRESSOR_KAFKA_USERNAME: kafkaUsername,
      KOMPRESSOR_KAFKA_PASSWORD: kafkaPassword,
    }),
    bucket: {
      env: filled({
        KOMPRESSOR_S3_BUCKET: config.s3Bucket,
        KOMPRESSOR_S3_ENDPOINT: config.s3Endpoint,
        KOMPRESSOR_S3_VIRTUAL_HOST: String(config.s3VirtualHost),
        KOMPRESSOR_S3_REGION: config.s3Region,
        KOMPRESSOR_S3_REPLICA: config.s3Replica.map(bucketUrl().format).join(','),
        AWS_REGION: env.AWS_REGION,
      }),
      secretEnv: filled(Object.fromEntries(awsSecrets.map((name) => [name, env[name]]))),
    },
  }
  return {
    settings,
    kafka: {
      brokers: kafkaBrokers,
      ...(kafkaTls && { tls: {} }),
      ...(kafkaSaslMechanism !== undefined && {
        sasl: { mechanism: kafkaSaslMechanism, username: kafkaUsername, password: kafkaPassword },
      }),
    },
  }
}

function filled(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(values).flatMap(([name, value]) => (value ? [[name, value] as const] : []))
  return Object.fromEntries(given)
}
