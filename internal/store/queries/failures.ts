import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type ErrorCode, errorCodes } from '../../errors/index.ts'
import { queryRows } from '../rows.ts'
import type { Database } from '../store.ts'

const sampleSchema = z.object({
  fileId: z.string(),
  batchId: z.string(),
  name: z.string(),
  message: z.string(),
})

const causeSchema = z.object({
  code: z.custom<ErrorCode>((value) => typeof value === 'string' && value in errorCodes),
  count: z.coerce.number(),
  samples: z.array(sampleSchema),
})

export type FailureCause = z.infer<typeof causeSchema>

export interface FailuresByCode {
  tenantId: string
  /** Only this batch's. */
  batchId?: string
  /** Newest failures shown for each code. */
  samples: number
}

/** Why files are failed: each code with how many and some of them, the most frequent first. */
export async function failuresByCode(db: Database, query: FailuresByCode): Promise<FailureCause[]> {
  const { tenantId, batchId, samples } = query
  const failed = sql`tenant_id = ${tenantId} and state = 'failed' and error_code is not null
    and (${batchId ?? null}::text is null or batch_id = ${batchId ?? null})`
  return queryRows(
    db,
    causeSchema,
    sql`
      with causes as (select error_code as code, count(*) as count from files where ${failed} group by error_code)
      select code, count, (
        select jsonb_agg(jsonb_build_object('fileId', s.id, 'batchId', s.batch_id, 'name', s.name,
          'message', coalesce(s.error_message, '')) order by s.id desc)
        from (
          select * from files where ${failed} and error_code = causes.code order by id desc limit ${samples}
        ) s
      ) as samples
      from causes order by count desc, code`,
  )
}
