/** Everything a process may be made of. */
const parts = [
  'errors',
  'pause',
  'auth',
  'config',
  'telemetry',
  'health',
  'messages',
  'codec',
  'objects',
  'broker',
  'store',
  'worker',
  'delivery',
  'api',
]

/**
 * Which folder of internal/ may import which. Dependencies point one way: a folder that is not in a list is out of reach.
 * A new folder gets a line here; a new line in a list is a decision about the architecture.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  config: ['errors'],
  auth: ['errors'],
  telemetry: ['errors'],
  codec: ['errors'],
  health: ['errors', 'telemetry'],
  // Decisions from values to values: no I/O at all.
  autoscale: [],
  estimate: [],
  // A wait that can be cut short.
  pause: [],
  // A number of things at a time.
  lanes: [],
  // A client runtime anybody could lift out: it knows nothing of us.
  kube: ['pause'],
  // How much a process may ask of stores and servers: knows neither.
  limits: [],
  // Files at addresses other people wrote: knows nothing of jobs.
  fetch: ['errors', 'lanes', 'limits'],
  messages: ['errors', 'codec', 'estimate'],
  objects: ['errors', 'telemetry', 'limits'],
  broker: ['errors', 'telemetry', 'messages'],
  store: ['errors', 'telemetry', 'messages', 'codec', 'estimate'],
  // The API as the pods of a finite job see it.
  jobapi: ['errors', 'messages', 'estimate'],
  // What jobs write besides outputs, and how they name those.
  ledger: ['errors', 'messages', 'codec', 'objects', 'estimate'],
  outputs: ['errors', 'messages', 'codec', 'objects', 'ledger'],
  // Planners are clients of the API in a cluster: never store.
  source: ['errors', 'messages', 'codec', 'objects', 'ledger', 'outputs', 'fetch'],
  // A sample of a source, compressed and forgotten.
  survey: ['errors', 'codec', 'objects', 'source', 'estimate'],
  // Workers run beside people's data and hold no database credentials: never store.
  worker: [
    'errors',
    'config',
    'telemetry',
    'lanes',
    'limits',
    'messages',
    'codec',
    'objects',
    'broker',
    'ledger',
    'outputs',
  ],
  delivery: [
    'errors',
    'pause',
    'config',
    'telemetry',
    'messages',
    'codec',
    'objects',
    'broker',
    'store',
    'ledger',
    // Webhooks go to addresses of other people.
    'fetch',
  ],
  api: [
    'errors',
    'pause',
    'auth',
    'health',
    'config',
    'telemetry',
    'messages',
    'codec',
    'objects',
    'broker',
    'store',
    'delivery',
    'estimate',
  ],
  operator: [
    'errors',
    'auth',
    'config',
    'telemetry',
    'codec',
    'messages',
    'outputs',
    'source',
    'broker',
    'store',
    'kube',
    'autoscale',
    'estimate',
  ],
  // What processes are put together from, and the two ways to do it, as cmd does for one of each.
  process: parts,
  standalone: [...parts, 'process'],
  cluster: [
    ...parts,
    'process',
    'kube',
    'operator',
    'ledger',
    'outputs',
    'source',
    'fetch',
    'limits',
    'jobapi',
    'estimate',
    'survey',
  ],
  // A finite job with everything in this process.
  localjob: [...parts, 'process', 'standalone', 'ledger', 'outputs', 'source', 'fetch', 'limits'],
  cli: [
    'errors',
    'config',
    'telemetry',
    'codec',
    'kube',
    'objects',
    'ledger',
    'autoscale',
    'source',
    'estimate',
    'survey',
  ],
}

/** Public besides index.ts, so that a process loads what it is made of and nothing else. */
export const faces: readonly string[] = [
  'internal/process/delivery.ts',
  'internal/process/http.ts',
  'internal/process/work.ts',
  'internal/cluster/api.ts',
  'internal/cluster/eraser.ts',
  'internal/cluster/migrate.ts',
  'internal/cluster/operator.ts',
  'internal/cluster/planner.ts',
  'internal/cluster/report.ts',
  'internal/cluster/worker.ts',
]

/** Folders that stay free of network I/O, so that they run anywhere and cannot leak what they read. */
export const offline: readonly string[] = ['codec', 'autoscale', 'estimate']

export const networkModules: readonly string[] = [
  'node:http',
  'node:https',
  'node:http2',
  'node:net',
  'node:tls',
  'node:dgram',
  'node:dns',
  'node:dns/promises',
  'undici',
  'ws',
]

/** Packages that one folder hides from the others; `cmd` is the folder of entry points. A name ends the scope: `hono` covers `hono/factory`. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  'prom-client': ['telemetry'],
  pino: ['telemetry'],
  'pino-pretty': ['telemetry'],
  '@opentelemetry': ['telemetry'],
  sharp: ['codec'],
  'drizzle-orm': ['store', 'broker'],
  pg: ['store'],
  '@electric-sql': ['store', 'broker'],
  hono: ['api', 'cmd'],
  '@hono': ['api', 'cmd'],
  kafkajs: ['broker'],
  '@kubernetes': ['kube'],
  '@aws-sdk': ['objects'],
  'csv-parse': ['source'],
  standardwebhooks: ['delivery'],
}
