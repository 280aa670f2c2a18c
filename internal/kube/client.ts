import type { IncomingMessage } from 'node:http'
import { isNotFound } from './api-error.ts'
import { type KubeObject, type ObjectRef, pathOf, type Resource } from './resource.ts'
import type { ApiRequest, Transport } from './transport.ts'

/** What is sent to make or change an object: its identity and as much of it as we have an opinion about. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string | undefined; [field: string]: unknown }
  [field: string]: unknown
}

export interface Page<T> {
  items: T[]
  resourceVersion: string
  /** For the next page; absent on the last one. */
  continue: string | undefined
}

export interface ListOptions extends CallOptions {
  namespace?: string | undefined
  labelSelector?: string | undefined
  limit?: number
  continue?: string | undefined
}

export interface CallOptions {
  signal?: AbortSignal | undefined
}

export interface DeleteOptions extends CallOptions {
  /** Deletes only the object with this uid: not one of the same name that was made since. */
  uid?: string
  /** What becomes of dependents. Default Background. */
  propagation?: 'Background' | 'Foreground' | 'Orphan'
}

export interface WatchOptions extends CallOptions {
  namespace?: string | undefined
  labelSelector?: string | undefined
  resourceVersion: string
  timeoutSeconds: number
}

export type Client = ReturnType<typeof createClient>

/** The verbs of the API. Reads parse what they return; a 404 is `undefined` for those that read or delete one object. */
export function createClient(transport: Transport, { fieldManager }: { fieldManager: string }) {
  function call(
    verb: string,
    resource: Resource,
    where: { namespace?: string | undefined; name?: string | undefined },
    rest: Omit<ApiRequest, 'verb' | 'resource' | 'path'> & { subresource?: string },
  ): ApiRequest {
    const { subresource, ...request } = rest
    return {
      verb,
      resource: subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`,
      path: pathOf(resource, where, subresource),
      ...request,
    }
  }

  async function apply<T extends KubeObject>(
    resource: Resource<T>,
    manifest: Manifest,
    { signal, force = true, subresource }: CallOptions & { force?: boolean; subresource?: string } = {},
  ): Promise<T> {
    const request = call('apply', resource, manifest.metadata, {
      method: 'PATCH',
      query: { fieldManager, force },
      contentType: 'application/apply-patch+yaml',
      body: manifest,
      signal,
      ...(subresource !== undefined && { subresource }),
    })
    return resource.parse(await transport.send(request))
  }

  return {
    async get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef, { signal }: CallOptions = {}) {
      const request = call('get', resource, ref, { method: 'GET', signal })
      const found = await unlessMissing(() => transport.send(request))
      return found === undefined ? undefined : resource.parse(found)
    },

    async list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<Page<T>> {
      const { namespace, signal, labelSelector, limit, continue: token } = options
      const query = { labelSelector, limit, continue: token }
      const answer = await transport.send(
        call('list', resource, { namespace }, { method: 'GET', query, signal }),
      )
      return pageOf(resource, answer)
    },

    async create<T extends KubeObject>(
      resource: Resource<T>,
      manifest: Manifest,
      { signal }: CallOptions = {},
    ) {
      const where = { namespace: manifest.metadata.namespace }
      const request = call('create', resource, where, {
        method: 'POST',
        query: { fieldManager },
        body: manifest,
        signal,
      })
      return resource.parse(await transport.send(request))
    },

    /**
     * Server-side apply: the fields of the manifest become as it says and ours; fields we applied before and no longer
     * name are removed; those of others stay. Conflicts are forced: a field has one owner, and it is the one that says it.
     */
    apply,

    /** Server-side apply of the status alone. */
    applyStatus: <T extends KubeObject>(
      resource: Resource<T>,
      manifest: Manifest,
      options: CallOptions = {},
    ) => apply(resource, manifest, { ...options, subresource: 'status' }),

    /** Replaces the object as long as nobody changed it since: the manifest carries the resource version (else 409). */
    async replace<T extends KubeObject>(
      resource: Resource<T>,
      manifest: Manifest,
      { signal }: CallOptions = {},
    ) {
      const request = call('update', resource, manifest.metadata, {
        method: 'PUT',
        query: { fieldManager },
        body: manifest,
        signal,
      })
      return resource.parse(await transport.send(request))
    },

    /** JSON merge patch; with `metadata.resourceVersion` in it only as long as nobody changed the object since (else 409). */
    async merge<T extends KubeObject>(
      resource: Resource<T>,
      ref: ObjectRef,
      patch: object,
      { signal }: CallOptions = {},
    ): Promise<T> {
      const request = call('patch', resource, ref, {
        method: 'PATCH',
        query: { fieldManager },
        contentType: 'application/merge-patch+json',
        body: patch,
        signal,
      })
      return resource.parse(await transport.send(request))
    },

    /** Sets the replicas through the scale subresource: nothing else of the object is touched. */
    async scale(
      resource: Resource,
      ref: ObjectRef,
      replicas: number,
      { signal }: CallOptions = {},
    ): Promise<void> {
      const request = call('patch', resource, ref, {
        method: 'PATCH',
        subresource: 'scale',
        query: { fieldManager },
        contentType: 'application/merge-patch+json',
        body: { spec: { replicas } },
        signal,
      })
      await transport.send(request)
    },

    /** Asks for the deletion; true when there was something to delete. Finalizers may keep it for a while. */
    async delete(resource: Resource, ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
      const { signal, uid, propagation = 'Background' } = options
      const request = call('delete', resource, ref, {
        method: 'DELETE',
        body: { propagationPolicy: propagation, ...(uid !== undefined && { preconditions: { uid } }) },
        signal,
      })
      return (await unlessMissing(() => transport.send(request).then(() => true))) ?? false
    },

    /** The stream of changes since a resource version, as the server sends it. */
    async openWatch(resource: Resource, options: WatchOptions): Promise<IncomingMessage> {
      const { namespace, signal, labelSelector, resourceVersion, timeoutSeconds } = options
      const query = { watch: true, allowWatchBookmarks: true, labelSelector, resourceVersion, timeoutSeconds }
      return await transport.open(call('watch', resource, { namespace }, { method: 'GET', query, signal }))
    },
  }
}

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Items of a list come without kind and apiVersion. */
function pageOf<T extends KubeObject>(resource: Resource<T>, answer: unknown): Page<T> {
  if (typeof answer !== 'object' || answer === null || !('items' in answer && Array.isArray(answer.items))) {
    throw new Error(`the server answered a list of ${resource.plural} with something else`)
  }
  const { apiVersion, kind } = resource
  const meta = 'metadata' in answer ? answer.metadata : undefined
  return {
    items: answer.items.map((item) => resource.parse({ ...item, apiVersion, kind })),
    resourceVersion: textField(meta, 'resourceVersion') ?? '',
    continue: textField(meta, 'continue') || undefined,
  }
}

function textField(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined
  const field: unknown = Reflect.get(value, name)
  return typeof field === 'string' ? field : undefined
}
