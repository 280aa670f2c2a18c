import os from 'node:os'
import { checkKafka, databaseOptions, kafkaOptions, s3Options } from './cluster.ts'
import { defineCommand } from './command.ts'
import { fetchOptions } from './job-pods.ts'
import { type ConfigOf, option, optional, required } from './option.ts'
import { listenOptions, logOptions } from './standalone.ts'
import { integer, listOf, path, secret, text, url } from './value.ts'

export const operator = defineCommand({
  name: 'operator',
  summary: 'Run CompressionJobs on Kubernetes',
  options: {
    namespace: optional(text('<namespace>'), {
      otherwise: 'all of them',
      doc: 'Only CompressionJobs of this namespace.',
    }),
    workerImage: required(text('<image>'), {
      doc: 'Image of the workers, of the same version as the operator.',
    }),
    tokenSecret: required(listOf(secret()), {
      doc: 'Signs the tokens of jobs; as the API has it. The first one signs.',
    }),
    apiUrl: required(url(), { doc: 'Where workers reach the API: https://kompressor.kompressor.svc:8080.' }),
    ...databaseOptions,
    ...kafkaOptions,
    ...s3Options,
    ...fetchOptions,
    kubeconfig: optional(path('<file>'), {
      otherwise: "KUBECONFIG, the pod's service account or ~/.kube/config",
      doc: 'How to reach Kubernetes.',
    }),
    leaseNamespace: optional(text('<namespace>'), {
      otherwise: 'the namespace it runs in',
      doc: 'Namespace of the Lease by which replicas choose a leader.',
    }),
    name: option(text('<name>'), {
      derived: { text: 'the host name', value: os.hostname },
      doc: 'Names this replica in the Lease.',
    }),
    host: listenOptions.host,
    port: option(integer({ min: 0, max: 65_535 }), {
      default: 8082,
      doc: 'Port of /healthz, /readyz and /metrics; 0 takes any free one and prints it.',
    }),
    ...logOptions,
  },
  check: (config) => [...checkKafka(config), ...checkFiles(config)],
  examples: [
    {
      line: 'kompressor operator --worker-image registry.example.com/kompressor:1.0.0 --api-url http://kompressor:8080',
      does: 'with database, Kafka, bucket and secrets in the environment',
    },
  ],
})

/** Workers are told what they need in their environment, which has no files. */
function checkFiles({ kafkaTlsCa, kafkaTlsCert, kafkaTlsKey }: ConfigOf<typeof kafkaOptions>): string[] {
  if ([kafkaTlsCa, kafkaTlsCert, kafkaTlsKey].every((file) => file === undefined)) return []
  return [
    '--kafka-tls-ca, --kafka-tls-cert and --kafka-tls-key cannot be handed on to workers: the operator takes a Kafka whose certificate the image trusts, and SASL',
  ]
}

export type OperatorConfig = ConfigOf<typeof operator.options>
