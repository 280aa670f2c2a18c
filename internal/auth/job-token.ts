import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a job's pods are let in with. The job stands in it, so that they can ask for nothing else. */
export interface JobTokens {
  mint(jobUid: string): string
  /** The job a token is for; undefined when it is none of ours. */
  verify(token: string): string | undefined
}

/** Names the format, so that another one can be told from it. */
const prefix = 'kj1'

/**
 * Tokens that need no table: `kj1.{job}.{HMAC-SHA-256 of both}`, in base64url. A token is as old as its secret and its
 * job: who can check it also looks whether the job still exists.
 *
 * @param secrets the first one signs, all of them are accepted: put a new one in front, replace the tokens, drop the old
 */
export function createJobTokens(secrets: readonly [string, ...string[]]): JobTokens {
  return {
    mint: (jobUid) => tokenOf(jobUid, secrets[0]),
    verify(token) {
      const encoded = token.split('.')[1] ?? ''
      const jobUid = Buffer.from(encoded, 'base64url').toString()
      // Every secret is tried, whichever fits: the time says nothing.
      const fits = secrets.map((secret) => isEqual(token, tokenOf(jobUid, secret)))
      return fits.includes(true) ? jobUid : undefined
    },
  }
}

function tokenOf(jobUid: string, secret: string): string {
  const signed = `${prefix}.${Buffer.from(jobUid).toString('base64url')}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
