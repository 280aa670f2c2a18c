import { defineCommand } from './command.ts'
import { hostCpus, hostMemory } from './host.ts'
import { type ConfigOf, defineOptions, option, optional } from './option.ts'
import { duration, integer, oneOf, path, pixels, size, text, url } from './value.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** Where a process listens and what clients call it. */
export const listenOptions = defineOptions({
  host: option(text('<address>'), {
    default: '127.0.0.1',
    doc: 'Address to listen on. 0.0.0.0 listens on every interface: there is no authentication yet, so put something in front that has it.',
  }),
  port: option(integer({ min: 0, max: 65_535 }), {
    default: 8080,
    doc: 'Port to listen on; 0 takes any free one and prints it.',
  }),
  publicUrl: optional(url(), {
    otherwise: 'the address it listens on',
    doc: 'How clients reach this service: the base of every URL it hands out. Set it behind a proxy or a load balancer.',
  }),
})

/** What a process says about itself. */
export const logOptions = defineOptions({
  logLevel: option(oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), {
    default: 'info',
    doc: 'Least severe log lines to write.',
  }),
  logFormat: option(oneOf(['auto', 'pretty', 'json']), {
    default: 'auto',
    doc: 'auto writes for people on a terminal and JSON lines everywhere else.',
  }),
})

/** Where a standalone process keeps everything. */
export const dataOptions = defineOptions({
  dataDir: option(path('<folder>'), {
    default: './data',
    doc: 'Folder of the database and the files, made when absent and locked by the process that uses it.',
  }),
  durability: option(oneOf(['on', 'off']), {
    default: 'on',
    doc: 'off answers before data is on the disk: a crash may lose the files accepted last. For benchmarks only.',
  }),
})

/** What compression may use of the machine, and what it refuses. */
export const compressionOptions = defineOptions({
  slots: option(integer({ min: 1, max: 1024 }), {
    derived: { text: 'the CPU limit of the container or the cores of the machine', value: hostCpus },
    doc: 'Files compressed at the same time, each in a process of its own.',
  }),
  memoryLimit: option(size({ min: 256 * 1024 ** 2 }), {
    derived: { text: 'the memory limit of the container or the memory of the machine', value: hostMemory },
    doc: 'Memory the service and its compressing processes may use together. Files wait when their predicted need does not fit.',
  }),
  maxFileSize: option(size({ min: 1 }), {
    default: 5 * 1024 ** 3,
    doc: 'Larger files are refused with file_too_large.',
  }),
  maxPixels: option(pixels({ min: 1 }), {
    default: 50_000_000,
    doc: 'Images with more pixels, all frames counted, fail with too_many_pixels. Protects against decompression bombs.',
  }),
})

/** How long things are kept, and how often work is tried. */
export const deliveryOptions = defineOptions({
  retain: option(duration({ min: minute }), {
    default: 30 * day,
    doc: 'How long uploads, outputs and the records of finished files are kept.',
  }),
  uploadExpiry: option(duration({ min: minute }), {
    default: day,
    doc: 'How long a file waits to be uploaded. One that is not there by then fails with upload_expired.',
  }),
  uploadUrlLifetime: optional(duration({ min: 1_000 }), {
    otherwise: 'as long as the file waits',
    doc: 'How long an upload URL works. Those who upload ask for another when it is too old; the pages do.',
  }),
  idempotencyRetention: option(duration({ min: minute }), {
    default: day,
    doc: 'How long an Idempotency-Key is remembered together with its answer.',
  }),
  orphanAge: option(duration({ min: 1_000 }), {
    default: day,
    doc: 'Age at which stored bytes that belong to no file, such as those of an upload that was cut off, are deleted.',
  }),
  maxAttempts: option(integer({ min: 1, max: 100 }), {
    default: 5,
    doc: 'Attempts before a file with a passing problem fails for good. Permanent problems fail at once.',
  }),
  partitions: option(integer({ min: 1, max: 1024 }), {
    default: 4,
    doc: 'Partitions of the work topic. May grow, never shrinks.',
  }),
})

export const standalone = defineCommand({
  name: 'standalone',
  summary: 'Run the whole service in one process: API, compression, storage and database',
  options: {
    ...listenOptions,
    ...dataOptions,
    ...compressionOptions,
    ...deliveryOptions,
    ...logOptions,
  },
  examples: [
    { line: 'kompressor standalone', does: 'listens on http://127.0.0.1:8080, keeps its data in ./data' },
    {
      line: 'kompressor standalone --port 0 --data-dir /srv/kompressor --retain 7d',
      does: 'any free port, a week',
    },
  ],
})

export type StandaloneConfig = ConfigOf<typeof standalone.options>
