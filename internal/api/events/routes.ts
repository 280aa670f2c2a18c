import { createRoute, z } from '@hono/zod-openapi'
import { problemResponse } from '../http/problem.ts'
import { idParams } from '../http/text.ts'
import { eventSchema } from './schema.ts'

const position = z.coerce.number().int().nonnegative().optional()

export const streamEventsRoute = createRoute({
  method: 'get',
  path: '/v1/batches/{id}/events',
  summary: 'Follow a batch as server-sent events',
  description:
    'Replays what happened since `Last-Event-ID` (everything without one) and goes on live. Each message carries an Event as JSON; its id is the position to resume from. A comment every 15 s keeps the connection open. The stream ends when the batch is deleted or the service stops.',
  tags: ['Events'],
  request: {
    params: idParams,
    query: z.strictObject({
      lastEventId: position.describe('As the header, for clients that cannot set one.'),
    }),
    headers: z.object({ 'last-event-id': position.describe('Position of the last event received.') }),
  },
  responses: {
    200: {
      description: 'Events, one a message.',
      content: { 'text/event-stream': { schema: eventSchema } },
    },
    ...problemResponse,
  },
})
