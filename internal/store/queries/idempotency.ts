import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { KompressorError } from '../../errors/index.ts'
import { idempotencyKeys } from '../schema.ts'
import type { Database } from '../store.ts'

/** What was answered to the request that used a key first. */
export interface StoredAnswer {
  /** Of the request: two with the same one are the same request. */
  fingerprint: string
  status: number
  headers: Record<string, string>
  body: unknown
}

const responseSchema = z.object({ headers: z.record(z.string(), z.string()), body: z.unknown() })

/** Undefined when nobody used the key. */
export async function findAnswer(
  db: Database,
  { tenantId, key }: { tenantId: string; key: string },
): Promise<StoredAnswer | undefined> {
  const [row] = await db
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.tenantId, tenantId), eq(idempotencyKeys.key, key)))
  if (row === undefined) return undefined
  const { headers, body } = responseSchema.parse(row.response)
  return { fingerprint: row.fingerprint, status: row.status ?? 200, headers, body }
}

/**
 * Keeps the answer, in the transaction that does what it says: a crash leaves both or none, so a client that repeats its
 * request after one is neither refused nor served twice. Throws idempotency_in_progress when another request used the
 * key in the meantime; the transaction must then be rolled back.
 */
export async function storeAnswer(
  tx: Database,
  { tenantId, key, answer, now }: { tenantId: string; key: string; answer: StoredAnswer; now: Date },
): Promise<void> {
  const { fingerprint, status, headers, body } = answer
  const stored = await tx
    .insert(idempotencyKeys)
    .values({ tenantId, key, fingerprint, status, response: { headers, body }, createdAt: now })
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key })
  if (stored.length === 0) {
    throw new KompressorError(
      'idempotency_in_progress',
      'another request with this Idempotency-Key came first',
    )
  }
}
