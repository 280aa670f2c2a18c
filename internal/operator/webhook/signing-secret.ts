import { ApiError } from '../../kube/index.ts'
import type { OperatorDeps } from '../ports.ts'
import { secrets } from '../resources.ts'

/** A signing secret, or why there is none and what to do about that. */
export type SigningSecret = { secret: string } | { reason: string; message: string }

export interface SecretKey {
  namespace: string
  name: string
  key: string
}

/** Reads the secret that signs the calls of a job. Throws when the API server does not say whether there is one. */
export async function readSigningSecret(
  { client }: Pick<OperatorDeps, 'client'>,
  ref: SecretKey,
  signal: AbortSignal,
): Promise<SigningSecret> {
  const { namespace, name, key } = ref
  try {
    const found = await client.get(secrets, { namespace, name }, { signal })
    if (found === undefined) {
      return { reason: 'SecretMissing', message: `There is no Secret ${name}. ${advice(ref)}` }
    }
    const value = found.data?.[key]
    if (value === undefined) {
      return { reason: 'SecretIncomplete', message: `The Secret ${name} has no key ${key}. ${advice(ref)}` }
    }
    return parseSigningSecret(Buffer.from(value, 'base64').toString(), ref)
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error
    const message = `The operator may not read the Secret ${name}: apply operator-rbac.yaml of this version. It is tried again.`
    return { reason: 'Forbidden', message }
  }
}

/** As Standard Webhooks has it: a prefix, and 24 to 64 bytes in base64. */
const form = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/
const bytes = { least: 24, most: 64 }

/** What a Secret has under a key, as a signing secret. No message shows any of it. */
export function parseSigningSecret(value: string, ref: SecretKey): SigningSecret {
  // A line break at the end is what files and echo add.
  const secret = value.trimEnd()
  const [, coded] = form.exec(secret) ?? []
  const length = coded === undefined ? 0 : Buffer.from(coded, 'base64').length
  if (length >= bytes.least && length <= bytes.most) return { secret }
  const what = coded === undefined ? 'is not of that form' : `has ${length} bytes`
  return {
    reason: 'SecretInvalid',
    message: `The key ${ref.key} of the Secret ${ref.name} must be whsec_ and ${bytes.least} to ${bytes.most} bytes in base64, and ${what}. ${advice(ref)}`,
  }
}

function advice({ namespace, name, key }: SecretKey): string {
  return (
    `Make one: kubectl -n ${namespace} create secret generic ${name} --from-literal=${key}="whsec_$(openssl rand -base64 32)". ` +
    'It is looked for again; batches that end until then are told when it is there.'
  )
}
