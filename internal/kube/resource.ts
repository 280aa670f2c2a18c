import { z } from 'zod'

const ownerReferenceSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.boolean().optional(),
  blockOwnerDeletion: z.boolean().optional(),
})

/** Times are ISO 8601, as the API sends them. */
const objectMetaSchema = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string(),
  resourceVersion: z.string(),
  generation: z.number().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  ownerReferences: z.array(ownerReferenceSchema).optional(),
})

export type OwnerReference = z.infer<typeof ownerReferenceSchema>
export type ObjectMeta = z.infer<typeof objectMetaSchema>

/** What every object has. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** A kind of object: where its API is and how an object of it is read. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  /** Turns what the server sent into an object, or throws. `kind` and `apiVersion` are there also for items of a list. */
  readonly parse: (value: unknown) => T
}

/**
 * A kind of object, read as far as `shape` says; what else the server sends is dropped.
 *
 *     const namespaces = defineResource(
 *       { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
 *       { status: z.object({ phase: z.string() }).optional() },
 *     )
 */
export function defineResource<S extends z.ZodRawShape>(identity: Omit<Resource, 'parse'>, shape: S) {
  const schema = z.object({
    ...shape,
    apiVersion: z.string(),
    kind: z.string(),
    metadata: objectMetaSchema,
  })
  return { ...identity, parse: (value: unknown) => schema.parse(value) }
}

/** Which object of a kind. */
export interface ObjectRef {
  name: string
  namespace?: string | undefined
}

/** The path of one object, of its subresource, or of all objects (of a namespace) when there is no name. */
export function pathOf(
  resource: Resource,
  { namespace, name }: { namespace?: string | undefined; name?: string | undefined },
  subresource?: string,
): string {
  const root = resource.apiVersion.includes('/') ? '/apis' : '/api'
  if (resource.namespaced && name !== undefined && namespace === undefined) {
    throw new Error(`${resource.kind} ${name} needs a namespace`)
  }
  return [
    root,
    resource.apiVersion,
    ...(resource.namespaced && namespace !== undefined ? ['namespaces', encodeURIComponent(namespace)] : []),
    resource.plural,
    ...(name === undefined ? [] : [encodeURIComponent(name)]),
    ...(subresource === undefined ? [] : [subresource]),
  ].join('/')
}

/** `namespace/name`, or the name alone for what has no namespace. Work queues go by it. */
export function keyOf({ metadata: { namespace, name } }: { metadata: ObjectRef }): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

export function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/')
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
