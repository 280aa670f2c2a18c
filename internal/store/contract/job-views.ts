import { expect, it } from 'vitest'
import { forgetOtherJobs, listJobViews, type PublishedJob, publishJob, requireJobView } from '../index.ts'
import { type Fixture, tenantId } from './fixture.ts'

export function describeJobViews(fixture: () => Fixture): void {
  const begin = Date.parse('2026-03-01T12:00:00Z')
  const decision = {
    replicas: 2,
    ready: 1,
    reason: 'Steady',
    sentence: '2 pods as before.',
    terms: { need: 3.5 },
  }
  const published = (given: Partial<PublishedJob> & { uid: string }, seconds = 0): PublishedJob => ({
    namespace: 'views',
    name: given.uid,
    observedAt: new Date(begin + seconds * 1000),
    view: { conditions: [] },
    ...given,
  })
  const read = (name: string, namespace = 'views') =>
    requireJobView(fixture().db, { tenantId, namespace, name })

  it('shows what was published last, under the name of the job', async () => {
    const { db } = fixture()
    await publishJob(db, published({ uid: 'v-last', view: { conditions: [], source: 'ingest' } }))
    const view = { conditions: [], source: 'ingest', files: { found: 7 }, lag: { partitions: [3, 0] } }
    await publishJob(db, published({ uid: 'v-last', view }, 5))
    const { job, decisions } = await read('v-last')
    expect(job).toMatchObject({ uid: 'v-last', observedAt: new Date(begin + 5000), view })
    expect(decisions).toEqual([])
    await expect(read('v-last', 'other')).rejects.toMatchObject({ code: 'job_not_found' })
    await expect(
      requireJobView(db, { tenantId: 'another', namespace: 'views', name: 'v-last' }),
    ).rejects.toMatchObject({ code: 'job_not_found' })
  })

  it('notes a decision when it is another one, and every half minute', async () => {
    const { db } = fixture()
    const at = (seconds: number, more: object = {}) =>
      publishJob(db, published({ uid: 'v-decides', decision: { ...decision, ...more } }, seconds))
    await at(0)
    await at(5)
    await at(29)
    await at(31)
    await at(36, { ready: 2 })
    await at(37, { replicas: 4, reason: 'ScaleUp' })
    const { decisions } = await read('v-decides')
    expect(decisions.map(({ at, replicas }) => [(at.getTime() - begin) / 1000, replicas])).toEqual([
      [37, 4],
      [36, 2],
      [31, 2],
      [0, 2],
    ])
    expect(decisions[3]).toMatchObject(decision)
  })

  it('keeps the newest decisions of a job and no more', async () => {
    const { db } = fixture()
    const view = (i: number) => published({ uid: 'v-many', decision: { ...decision, replicas: i } }, i)
    for (let i = 0; i < 8; i++) await publishJob(db, view(i), { keep: 5 })
    const { decisions } = await read('v-many')
    expect(decisions.map(({ replicas }) => replicas)).toEqual([7, 6, 5, 4, 3])
  })

  it('gives a name to the job that has it now', async () => {
    const { db } = fixture()
    await publishJob(db, published({ uid: 'v-old', name: 'same', decision }))
    await publishJob(db, published({ uid: 'v-new', name: 'same' }))
    expect(await read('same')).toMatchObject({ job: { uid: 'v-new' }, decisions: [] })
  })

  it('lists by namespace and name, a page at a time, and what is searched for', async () => {
    const { db } = fixture()
    const jobs: [string, string][] = [
      ['list-b', 'a'],
      ['list-a', 'photos'],
      ['list-a', 'logs'],
      ['list-a-2', 'photos'],
    ]
    for (const [namespace, name] of jobs)
      await publishJob(db, published({ uid: `${namespace}-${name}`, namespace, name }))
    const names = async (query: object) =>
      (await listJobViews(db, { tenantId, limit: 10, ...query })).map((job) => `${job.namespace}/${job.name}`)
    expect(await names({ search: 'LIST-' })).toEqual([
      'list-a-2/photos',
      'list-a/logs',
      'list-a/photos',
      'list-b/a',
    ])
    expect(await names({ search: 'list-', limit: 2, after: 'list-a/logs' })).toEqual([
      'list-a/photos',
      'list-b/a',
    ])
    expect(await names({ namespace: 'list-a' })).toEqual(['list-a/logs', 'list-a/photos'])
    expect(await names({ search: 'a/PHOTO' })).toEqual(['list-a/photos'])
    expect(await names({ tenantId: 'another' })).toEqual([])
  })

  it('forgets the jobs that are no more, with their decisions, in one namespace or everywhere', async () => {
    const { db } = fixture()
    for (const namespace of ['gone-a', 'gone-b']) {
      for (const name of ['one', 'two'])
        await publishJob(db, published({ uid: `${namespace}-${name}`, namespace, name, decision }))
    }
    await forgetOtherJobs(db, { uids: ['gone-a-one'], namespace: 'gone-a' })
    const left = async () =>
      (await listJobViews(db, { tenantId, search: 'gone-', limit: 10 })).map(({ uid }) => uid)
    expect(await left()).toEqual(['gone-a-one', 'gone-b-one', 'gone-b-two'])
    await forgetOtherJobs(db, { uids: ['gone-b-two'] })
    expect(await left()).toEqual(['gone-b-two'])
    await forgetOtherJobs(db, { uids: [] })
    expect(await listJobViews(db, { tenantId, limit: 10 })).toEqual([])
  })
}
