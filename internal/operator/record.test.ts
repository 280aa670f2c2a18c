import { expect, it } from 'vitest'
import { decide, nothingRemembered, readRecorded, replay, type Snapshot } from '../autoscale/index.ts'
import { createLogger } from '../telemetry/index.ts'
import { recordDecision } from './record.ts'
import { specSchema } from './schema/index.ts'
import { settingsOf } from './settings.ts'

const snapshot: Snapshot = {
  at: 1_000_000,
  lag: [30, 40],
  releasedSeconds: 300,
  unreleasedSeconds: 100,
  openTasks: 90,
  arrival: { mean: 2, sigma: 1, recent: 3 },
  serviceP95Seconds: 4,
  replicas: 1,
  ageMs: 0,
  throttled: false,
  degraded: false,
}

it('is logged at debug in a form that can be decided on once more', () => {
  const lines: string[] = []
  const destination = { write: (line: string) => lines.push(line) }
  const spec = specSchema.parse({ source: { ingest: {} }, compression: { images: {} } })
  const settings = settingsOf(spec)
  const decision = decide(snapshot, settings, nothingRemembered)
  const identity = { namespace: 'team', name: 'photos', uid: 'u' }
  for (const level of ['info', 'debug'] as const)
    recordDecision(createLogger({ level, format: 'json', destination }), identity, {
      snapshot,
      settings,
      decision,
    })
  expect(lines).toHaveLength(1)
  const recorded = readRecorded(lines[0] ?? '')
  expect(recorded).toEqual({
    job: 'team/photos',
    time: expect.stringMatching(/^\d{4}-/),
    snapshot,
    settings,
    replicas: decision.replicas,
  })
  expect(replay(recorded === undefined ? [] : [recorded])[0]?.decision).toEqual(decision)
})
