import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { appendFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A user as the API server knows it; RBAC's bootstrap bindings go by these names. */
export interface Identity {
  user: string
  groups?: readonly string[]
}

/** The key that signs and verifies service account tokens. */
export async function writeServiceAccountKey(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  await writeFile(file, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
}

/**
 * Writes a kubeconfig with a fresh token and adds the token to the API server's list. The certificate is the one the API
 * server makes for itself, which is valid for `kubernetes.default.svc` and not for the address it is reached at.
 */
export async function writeKubeconfig(
  file: string,
  cluster: { server: string; certificate: string; tokens: string },
  { user, groups = [] }: Identity,
): Promise<void> {
  const token = randomBytes(16).toString('hex')
  await appendFile(cluster.tokens, `${token},${user},${user},"${groups.join(',')}"\n`, { mode: 0o600 })
  const name = path.basename(file, '.kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'kompressor',
        cluster: {
          server: cluster.server,
          'certificate-authority': cluster.certificate,
          'tls-server-name': 'kubernetes.default.svc',
        },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name: 'kompressor', context: { cluster: 'kompressor', user: name } }],
    'current-context': 'kompressor',
  }
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config, null, 2), { mode: 0o600 })
}
