import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { StubbornClient } from '../../crash/client.ts'
import { findings } from '../../crash/findings.ts'
import type { Input } from '../../crash/inputs.ts'
import { Ledger } from '../../crash/ledger.ts'
import { randomNumbers } from '../../fixtures/index.ts'
import { lookAround, untilEnded } from './aftermath.ts'
import { makeChaosInput } from './inputs.ts'
import { type StrikeName, strikes, strikesInTurn } from './strikes.ts'
import { badWeather } from './weather.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

export interface ChaosOptions extends WorldOptions {
  seed: number
  /** Default 2 and 3. */
  apis?: number
  workers?: number
  /** Submitted around each strike. */
  filesPerStrike: number
  /** As many strikes, or as many as begin within so many milliseconds. */
  until: { strikes: number } | { ms: number }
  /** The one that strikes every time; default all of them in turn. */
  only?: StrikeName
  /** The whole must end by then, milliseconds. */
  timeoutMs: number
  log?: (line: string) => void
}

export interface ChaosOutcome {
  /** Everything that should not be, in words. */
  found: string[]
  files: number
  strikes: StrikeName[]
}

/**
 * Submits files to real processes on real servers while one after the other of them is killed, frozen and cut off, and
 * the object store has a bad day all along; then holds what is left against what the client was told. What the processes
 * said is kept when something is found.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const { apis = 2, workers = 3, log = () => undefined } = options
  const giveUp = AbortSignal.timeout(options.timeoutMs)
  const folder = await mkdtemp(join(tmpdir(), 'kompressor-chaos-'))
  const world = await createWorld(options)
  let keep = true
  try {
    await world.populate({ apis, workers })
    const outcome = await play(world, folder, options, giveUp)
    keep = outcome.found.length > 0
    // Said before the world is stopped: what goes wrong there must not hide it.
    log(`${outcome.files} files, ${outcome.strikes.length} strikes, ${outcome.found.length} findings`)
    for (const line of outcome.found) log(`- ${line}`)
    return outcome
  } finally {
    for (const [i, service] of world.cluster.started.entries()) {
      await writeFile(join(folder, `${i}.log`), service.output())
    }
    if (keep) log(`what the processes said is in ${folder}`)
    else await rm(folder, { recursive: true, force: true })
    await world.stop()
  }
}

async function play(
  world: World,
  folder: string,
  options: ChaosOptions,
  giveUp: AbortSignal,
): Promise<ChaosOutcome> {
  const { log = () => undefined, filesPerStrike, until } = options
  const random = randomNumbers(options.seed)
  const client = new StubbornClient(world.urls(), giveUp)
  const ledger = new Ledger(join(folder, 'ledger.ndjson'))
  const { id: batchId } = await client.createBatch()
  const following = client.follow(batchId)
  world.proxy.faults = badWeather(random)

  const inputs = new Map<string, Input>()
  let count = 0
  const submitShare = async () => {
    const last = count + filesPerStrike
    const lane = async () => {
      while (count < last) {
        const input = await makeChaosInput(count++)
        inputs.set(input.name, input)
        await client.submit(batchId, input, ledger)
      }
    }
    await Promise.all(Array.from({ length: 4 }, lane))
  }
  const isOpen = async () =>
    (await client.files(batchId)).some(({ state }) => state === 'queued' || state === 'processing')

  const done: StrikeName[] = []
  const startedAt = performance.now()
  const goesOn = () =>
    'strikes' in until ? done.length < until.strikes : performance.now() - startedAt < until.ms
  let submitting = Promise.resolve()
  // Both are awaited below, after the strikes.
  following.catch(() => undefined)
  for (const next of strikesInTurn(random)) {
    if (!goesOn()) break
    const name = options.only ?? next
    submitting = submitShare()
    submitting.catch(() => undefined)
    // Every strike comes while files are in work.
    while (!(await isOpen())) await delay(10, undefined, { signal: giveUp })
    log(`${Math.round((performance.now() - startedAt) / 1_000)} s, ${count} files: ${name}`)
    await strikes[name](world, random)
    done.push(name)
    await submitting
  }
  await client.seal(batchId)
  const stuck = await untilEnded(
    world,
    async () => (await client.batch(batchId)).state !== 'completed',
    giveUp,
  )
  log(`${Math.round((performance.now() - startedAt) / 1_000)} s: ${stuck ?? 'everything has ended'}`)
  const outcome = { files: count, strikes: done }
  if (stuck !== undefined) return { found: [stuck], ...outcome }

  world.proxy.faults = () => undefined
  const files = await client.files(batchId)
  const contents = new Map<string, Buffer>()
  for (const { id, state } of files) if (state === 'completed') contents.set(id, await client.content(id))
  const { keys, uploads, lag } = await lookAround(world, files, giveUp)
  const books = { inputs, ledger: ledger.close(), files, contents, events: await following, keys }
  return {
    found: [
      ...(await findings(books)),
      ...uploads.map((key) => `an upload of ${key} was left unfinished`),
      ...(lag === 0 ? [] : [`${lag} records are left at the end`]),
    ],
    ...outcome,
  }
}
