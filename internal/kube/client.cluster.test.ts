import { expect, it } from 'vitest'
import { describeOnCluster, namespaces, startCuttable } from '../../tools/cluster/index.ts'
import { ApiError, createClient, createTransport, isConflict, loadKubeConfig } from './index.ts'
import { configMap, configMaps, deployments } from './kinds.fixture.ts'

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describeOnCluster('the client', ({ client, namespace, kubeconfig }) => {
  it('reads what it made, and says nothing of what is not there', async () => {
    const made = await client.create(configMaps, configMap(namespace, 'made', { a: '1' }))
    expect(made).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'made', namespace }, data: { a: '1' } })
    expect(await client.get(configMaps, { namespace, name: 'made' })).toEqual(made)
    expect(await client.get(configMaps, { namespace, name: 'none' })).toBeUndefined()
  })

  it('lists page by page', async () => {
    for (let i = 0; i < 5; i += 1) {
      const made = configMap(namespace, `page-${i}`)
      await client.create(configMaps, { ...made, metadata: { ...made.metadata, labels: { page: 'yes' } } })
    }
    const names: string[] = []
    let token: string | undefined
    do {
      const page = await client.list(configMaps, {
        namespace,
        labelSelector: 'page=yes',
        limit: 2,
        continue: token,
      })
      expect(page.items.length).toBeLessThanOrEqual(2)
      expect(page.items.every((item) => item.kind === 'ConfigMap')).toBe(true)
      names.push(...page.items.map((item) => item.metadata.name))
      token = page.continue
    } while (token !== undefined)
    expect(names).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4'])
  })

  it('applies: takes away what it no longer says and leaves what others said', async () => {
    const others = createClient(createTransport(loadKubeConfig({ kubeconfig }), { userAgent: 'others' }), {
      fieldManager: 'others',
    })
    await client.apply(configMaps, configMap(namespace, 'shared', { ours: '1', soon: 'gone' }))
    await others.apply(configMaps, configMap(namespace, 'shared', { theirs: '2' }))
    const after = await client.apply(configMaps, configMap(namespace, 'shared', { ours: '3' }))
    expect(after.data).toEqual({ ours: '3', theirs: '2' })
  })

  it('applies nothing new when nothing changed', async () => {
    const first = await client.apply(configMaps, configMap(namespace, 'still', { a: '1' }))
    const second = await client.apply(configMaps, configMap(namespace, 'still', { a: '1' }))
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  })

  it('replaces only what nobody changed since', async () => {
    const made = await client.create(configMaps, configMap(namespace, 'raced'))
    await client.merge(configMaps, made.metadata, { data: { by: 'somebody' } })
    const { apiVersion, kind, metadata } = made
    const error = await refusal(
      client.replace(configMaps, { apiVersion, kind, metadata: { ...metadata }, data: { by: 'us' } }),
    )
    expect(isConflict(error)).toBe(true)
  })

  it('scales through the subresource and touches nothing else', async () => {
    const labels = { app: 'scaled' }
    await client.apply(deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name: 'scaled' },
      spec: {
        paused: true,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'none:1' }] } },
      },
    })
    await client.scale(deployments, { namespace, name: 'scaled' }, 0)
    const scaled = await client.get(deployments, { namespace, name: 'scaled' })
    expect(scaled?.spec).toEqual({ replicas: 0, paused: true })
  })

  it('deletes the object it means and not another of the same name', async () => {
    await client.create(configMaps, configMap(namespace, 'doomed'))
    const ref = { namespace, name: 'doomed' }
    expect(isConflict(await refusal(client.delete(configMaps, ref, { uid: 'of-another' })))).toBe(true)
    expect(await client.delete(configMaps, ref)).toBe(true)
    expect(await client.delete(configMaps, ref)).toBe(false)
  })

  it('says with the words of the server why it was refused', async () => {
    const error = await refusal(client.create(configMaps, configMap(namespace, 'Not A Name')))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 422, reason: 'Invalid' })
    expect(String(error)).toMatch(/POST \/api\/v1\/namespaces\/.*lowercase RFC 1123/)
  })

  it('keeps its connection, tells an observer of every answer, and stops waiting when told to', async () => {
    const line = await startCuttable(kubeconfig)
    const seen: string[] = []
    const transport = createTransport(loadKubeConfig({ kubeconfig: line.kubeconfig }), {
      userAgent: 'kompressor-tests',
      observe: ({ verb, resource, code }) => seen.push(`${verb} ${resource} ${code}`),
      timeoutMs: 300,
    })
    const far = createClient(transport, { fieldManager: 'kompressor-tests' })
    for (let i = 0; i < 3; i += 1) await far.get(namespaces, { name: namespace })
    expect(line.accepted).toBe(1)
    await far.get(configMaps, { namespace, name: 'none' })
    line.stall()
    await expect(far.get(namespaces, { name: namespace })).rejects.toThrow(/timeout|aborted/i)
    expect(seen).toEqual([
      ...Array.from({ length: 3 }, () => 'get namespaces 200'),
      'get configmaps 404',
      'get namespaces error',
    ])
    transport.close()
    await line.close()
  })
})
