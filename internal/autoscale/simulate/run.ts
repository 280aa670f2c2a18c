import { abandon, revokeOnly, shareOut } from './group.ts'
import { Agenda } from './heap.ts'
import { Partition } from './partition.ts'
import { newPod, nextPartition, type Pod, type Run, victims } from './pods.ts'
import { type Policy, tickSeconds, type View } from './policy.ts'
import { type Random, randomOf } from './random.ts'
import type { Incident, Task, Trace, World } from './world.ts'

export interface Outcome {
  tasks: number
  /** Done later than the objective, or not at all. */
  late: number
  /** Seconds that pods were there, until the end of the trace. */
  podSeconds: number
  rebalances: number
  /** Tasks that were worked on more than once, because their partition moved meanwhile. */
  repeated: number
  /** Every change of the number of pods asked for. */
  timeline: { at: number; replicas: number }[]
}

type Event =
  | { kind: 'tick' | 'commit' | 'outage' | 'recovered' }
  | { kind: 'ready' | 'killed'; pod: Pod }
  | { kind: 'agreed'; generation: number }
  | { kind: 'finished'; run: Run }

/** What still runs at the end of a trace may go on for so long before it counts as never done, seconds. */
const overtimeSeconds = 900

/** From the start of a task until the database knows: shorter ones are never seen in work. */
const reportSeconds = 0.1

/** Partitions whose offsets are committed at the same time are one in so many. */
const commitTurns = 5

/** Plays one trace under one policy. The same arguments give the same outcome. */
export function simulate(world: World, trace: Trace, policy: Policy, seed: number): Outcome {
  return new Simulation(world, trace, policy, seed).play()
}

class Simulation {
  readonly #world: World
  readonly #trace: Trace
  readonly #decide: (view: View) => number
  readonly #random: Random
  readonly #agenda = new Agenda<Event>()
  readonly #partitions: Partition[]
  #pods: Pod[] = []
  #created = 0
  #replicas = 0
  #now = 0
  #nextTask = 0
  /** Accepted while the broker is away. */
  #unreleased: number[] = []
  #open = 0
  #releasedSeconds = 0
  #busySeconds = 0
  #outage = false
  #turn = 0
  /** Eager: until when nobody begins anything. Counts changes of members, of which only the last one's end counts. */
  #agreeing = false
  #generation = 0
  readonly #outcome: Outcome

  constructor(world: World, trace: Trace, policy: Policy, seed: number) {
    this.#world = world
    this.#trace = trace
    this.#decide = policy.start()
    this.#random = randomOf(seed)
    this.#partitions = Array.from({ length: world.partitions }, (_, number) => new Partition(number))
    this.#outcome = {
      tasks: trace.tasks.length,
      late: 0,
      podSeconds: 0,
      rebalances: 0,
      repeated: 0,
      timeline: [],
    }
    this.#begin(policy.initialPods ?? trace.initialPods)
  }

  play(): Outcome {
    const { tasks, seconds } = this.#trace
    for (;;) {
      const arrival = tasks[this.#nextTask]?.acceptedAt ?? Number.POSITIVE_INFINITY
      const at = Math.min(arrival, this.#agenda.nextAt)
      const over = at > seconds && this.#nextTask === tasks.length && this.#open === 0
      if (over || at > seconds + overtimeSeconds) break
      this.#now = at
      if (arrival <= this.#agenda.nextAt) this.#accept(this.#nextTask++)
      else this.#handle(this.#agenda.take())
    }
    for (const pod of this.#pods) this.#count(pod, Number.POSITIVE_INFINITY)
    this.#outcome.late += this.#open
    return this.#outcome
  }

  /** Those that are there at the start have agreed long ago. */
  #begin(pods: number): void {
    this.#replicas = pods
    for (let i = 0; i < pods; i += 1) this.#pods.push({ ...newPod(this.#created++, 0), state: 'ready' })
    this.#agree()
    this.#outcome.rebalances = 0
    for (const { kind, from, to } of this.#trace.incidents) {
      if (kind !== 'outage') continue
      this.#agenda.add(from, { kind: 'outage' })
      this.#agenda.add(to, { kind: 'recovered' })
    }
    // Controllers do not know when a trace begins.
    this.#agenda.add(this.#random.uniform() * tickSeconds, { kind: 'tick' })
    this.#agenda.add(this.#random.uniform() * this.#world.commitSeconds, { kind: 'commit' })
  }

  #handle(event: Event | undefined): void {
    switch (event?.kind) {
      case 'tick':
        this.#agenda.add(this.#now + tickSeconds, event)
        this.#scale(this.#decide(this.#view()))
        break
      case 'commit':
        this.#agenda.add(this.#now + this.#world.commitSeconds / commitTurns, event)
        this.#commit()
        break
      case 'outage':
        this.#outage = true
        break
      case 'recovered':
        this.#outage = false
        for (const task of this.#unreleased) this.#release(task)
        this.#unreleased = []
        // Sessions have ended meanwhile: everybody joins anew.
        this.#membersChanged()
        break
      case 'ready':
        if (event.pod.state !== 'starting') break
        event.pod.state = 'ready'
        this.#membersChanged()
        break
      case 'killed':
        this.#leave(event.pod)
        break
      case 'agreed':
        if (event.generation === this.#generation) this.#agree()
        break
      case 'finished':
        this.#finish(event.run)
    }
  }

  /** Workers commit each at a time of their own: one after the other, and never all just before somebody looks. */
  #commit(): void {
    this.#turn = (this.#turn + 1) % commitTurns
    if (this.#outage) return
    for (const partition of this.#partitions)
      if (partition.number % commitTurns === this.#turn) partition.commit()
  }

  #accept(number: number): void {
    this.#open += 1
    if (this.#outage) this.#unreleased.push(number)
    else this.#release(number)
  }

  /** Into the partition with the least open work, as the relay does it. */
  #release(number: number): void {
    const task = this.#task(number)
    const least = (a: Partition, b: Partition) => (b.openSeconds < a.openSeconds ? b : a)
    const chosen = task.partition === undefined ? undefined : this.#partitions[task.partition]
    const partition = chosen ?? this.#partitions.reduce(least)
    partition.append(number, task.predicted)
    this.#releasedSeconds += task.predicted
    const owner = this.#pods.find(({ id }) => id === partition.owner)
    if (owner !== undefined) this.#dispatch(owner)
  }

  #dispatch(pod: Pod): void {
    if (pod.state !== 'ready' || this.#outage) return
    if (this.#agreeing && this.#world.rebalance.protocol === 'eager') return
    while (pod.runs.size < this.#world.slots) {
      const partition = nextPartition(pod, this.#world.slotsPerPartition)
      const offset = partition?.take()
      if (partition === undefined) return
      if (offset === undefined) continue
      const task = partition.tasks[offset] ?? 0
      const run: Run = { task, offset, partition, epoch: partition.epoch, pod, beganAt: this.#now }
      partition.inWork += 1
      pod.runs.add(run)
      this.#agenda.add(this.#now + this.#serviceSeconds(task), { kind: 'finished', run })
    }
  }

  #serviceSeconds(number: number): number {
    const { cost } = this.#task(number)
    const slow = this.#trace.incidents.find((one) => one.kind === 'slow' && this.#during(one))
    if (slow?.kind !== 'slow') return cost
    const busy = this.#pods.reduce((sum, { runs }) => sum + runs.size, 0)
    return cost * slow.factor * Math.max(1, busy / slow.slots)
  }

  #during({ from, to }: Incident): boolean {
    return this.#now >= from && this.#now < to
  }

  #finish(run: Run): void {
    const { pod, partition, offset } = run
    // Its pod was killed.
    if (!pod.runs.delete(run)) return
    this.#busySeconds += this.#now - run.beganAt
    if (run.epoch === partition.epoch) partition.inWork -= 1
    const task = this.#task(run.task)
    if (partition.finish(offset, task.predicted)) {
      this.#open -= 1
      this.#releasedSeconds -= task.predicted
      if (this.#now - task.acceptedAt > this.#world.sloSeconds) this.#outcome.late += 1
    } else {
      this.#outcome.repeated += 1
    }
    if (pod.state === 'ending' && pod.runs.size === 0) this.#leave(pod)
    else this.#dispatch(pod)
  }

  #scale(wanted: number): void {
    if (wanted !== this.#replicas) this.#outcome.timeline.push({ at: this.#now, replicas: wanted })
    this.#replicas = wanted
    const there = this.#pods.filter(({ state }) => state === 'starting' || state === 'ready')
    for (let i = there.length; i < wanted; i += 1) {
      const pod = newPod(this.#created++, this.#now)
      this.#pods.push(pod)
      this.#agenda.add(this.#now + this.#random.between(...this.#world.startSeconds), { kind: 'ready', pod })
    }
    for (const pod of victims(there, there.length - wanted)) this.#end(pod)
  }

  /** It begins nothing more, finishes what it has, and only then leaves the group. */
  #end(pod: Pod): void {
    const member = pod.state === 'ready'
    pod.state = 'ending'
    if (!member || pod.runs.size === 0) this.#leave(pod, member)
    else this.#agenda.add(this.#now + this.#world.graceSeconds, { kind: 'killed', pod })
  }

  #leave(pod: Pod, member = true): void {
    if (pod.state === 'gone') return
    this.#count(pod, this.#now)
    pod.state = 'gone'
    abandon(pod)
    this.#pods = this.#pods.filter((other) => other !== pod)
    if (member) this.#membersChanged()
  }

  #count(pod: Pod, until: number): void {
    this.#outcome.podSeconds += Math.max(0, Math.min(until, this.#trace.seconds) - pod.createdAt)
  }

  #membersChanged(): void {
    const { protocol, seconds } = this.#world.rebalance
    this.#generation += 1
    this.#agreeing = true
    if (protocol === 'cooperative') shareOut(this.#partitions, this.#pods, revokeOnly)
    this.#agenda.add(this.#now + seconds, { kind: 'agreed', generation: this.#generation })
  }

  #agree(): void {
    this.#agreeing = false
    this.#outcome.rebalances += 1
    shareOut(this.#partitions, this.#pods, (_, owner) => owner)
    for (const pod of this.#pods) this.#dispatch(pod)
  }

  #view(): View {
    const partitions = this.#partitions
    const runs = this.#pods.flatMap((pod) => [...pod.runs])
    const predicted = (number: number) => this.#task(number).predicted
    return {
      at: this.#now,
      answers: !this.#outage,
      lag: partitions.map(({ lag }) => lag),
      exactLag: partitions.map(({ exactLag }) => exactLag),
      openTasks: this.#open,
      releasedSeconds: Math.max(0, this.#releasedSeconds),
      unreleasedSeconds: this.#unreleased.reduce((sum, number) => sum + predicted(number), 0),
      // Not everybody asks, and sorting what waits takes longer than all the rest.
      get p95Seconds() {
        return percentile95(partitions.flatMap((partition) => partition.openTasks().map(predicted)))
      },
      accepted: this.#nextTask,
      done: this.#nextTask - this.#open,
      busySlots: runs.filter((run) => this.#now - run.beganAt > reportSeconds).length,
      busySeconds: this.#busySeconds,
      replicas: this.#replicas,
      pods: this.#pods.filter(({ state }) => state === 'starting' || state === 'ready').length,
    }
  }

  #task(number: number): Task {
    const task = this.#trace.tasks[number]
    if (task === undefined) throw new RangeError(`the trace has no task ${number}`)
    return task
  }
}

function percentile95(values: number[]): number {
  values.sort((a, b) => a - b)
  return values[Math.ceil(values.length * 0.95) - 1] ?? 0
}
