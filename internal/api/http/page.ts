import { z } from '@hono/zod-openapi'
import { decodeCursor, encodeCursor } from './cursor.ts'

/** Query parameters of every list. */
export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Items of a page.'),
  cursor: z.string().max(500).optional().describe('`nextCursor` of the page before.'),
}

export function listOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().optional().describe('Absent on the last page.'),
  })
}

export interface Page<T> {
  items: T[]
  nextCursor?: string
}

interface PageRequest {
  limit: number
  cursor?: string | undefined
  /** Names of list and filters: a cursor is good for the same ones only. */
  scope: readonly unknown[]
}

/** One page of rows in the order of their ids. `read` is asked for one row more than the page shows. */
export async function readPage<Row extends { id: string }>(
  { limit, cursor, scope }: PageRequest,
  read: (position: { after?: string; limit: number }) => Promise<Row[]>,
): Promise<Page<Row>> {
  const name = JSON.stringify(scope)
  const after = cursor === undefined ? {} : { after: decodeCursor(name, cursor) }
  const rows = await read({ ...after, limit: limit + 1 })
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return rows.length > limit && last !== undefined
    ? { items, nextCursor: encodeCursor(name, last.id) }
    : { items }
}
