import { describe, expect, it } from 'vitest'
import { labelsOf, namesOf, selectorOf, selectorText } from './names.ts'
import { maxNameLength } from './schema/index.ts'

const uid = '0f8fad5b-d9cb-469f-a165-70867728950e'
const longest = { namespace: 'n'.repeat(63), name: 'j'.repeat(maxNameLength), uid }

describe('namesOf', () => {
  it('tells jobs of the same name apart', () => {
    const job = { namespace: 'shop', name: 'urgent', uid }
    expect(namesOf(job)).toEqual({
      topic: 'file-compression.shop.urgent.0f8fad5b',
      group: 'kompressor-workers.shop.urgent.0f8fad5b',
      worker: 'urgent-worker',
      planner: 'urgent-planner',
      report: 'urgent-report',
      eraser: 'urgent-eraser',
    })
    expect(namesOf({ ...job, uid: 'another-uid' }).topic).not.toBe(namesOf(job).topic)
  })

  it('stays within what Kafka and Kubernetes allow for the longest of names', () => {
    const { topic, worker } = namesOf(longest)
    expect(topic.length).toBeLessThanOrEqual(249)
    // A pod adds a hash of ten, a dash, five letters and a dash.
    expect(worker.length + 17).toBeLessThanOrEqual(253)
    for (const value of Object.values(labelsOf(longest))) expect(value.length).toBeLessThanOrEqual(63)
  })

  it('selects by what labels say', () => {
    expect(labelsOf(longest)).toMatchObject(selectorOf(longest))
    expect(selectorText({ a: '1', b: '2' })).toBe('a=1,b=2')
  })
})
