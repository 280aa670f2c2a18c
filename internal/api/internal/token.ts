import type { JobTokens } from '../../auth/index.ts'
import { KompressorError } from '../../errors/index.ts'
import type { ApiContext } from '../env.ts'

/**
 * Lets only the bearer of this job's token go on. The same for none, a wrong one and one of another job: nobody learns
 * which jobs there are. Throws invalid_token.
 */
export function requireJobToken(c: ApiContext, tokens: JobTokens, jobUid: string): void {
  const bearer = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
  if (tokens.verify(bearer) === jobUid) return
  c.header('www-authenticate', 'Bearer')
  throw new KompressorError('invalid_token', 'send the token of this job as Authorization: Bearer')
}
