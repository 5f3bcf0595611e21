import * as z from 'zod';
import { defineApi, listOf, op, pageInput, streamOp } from '../api.ts';
import { busEventSchema, eventSchema } from '../records/event.ts';

const subscriptionName = z.string().regex(/^[a-z][a-z0-9_.-]{0,99}$/);

/** The message bus: durable, idempotent by event id, replayable from any position. */
export const busApi = defineApi({
  kernel: 'message_bus',
  ops: {
    publishEvents: op({
      method: 'POST',
      path: '/bus/events',
      summary: 'Stores events durably; an event id that is there already is counted as a duplicate',
      input: z.object({ events: z.array(eventSchema).min(1).max(1000) }),
      output: z.object({
        accepted: z.number().int(),
        duplicates: z.number().int(),
        last_seq: z.number().int(),
      }),
      risk: 'change',
      role: 'internal',
      errors: ['event_conflict', 'store_unavailable'],
      maxBodyBytes: 32 * 1024 * 1024,
    }),
    listEvents: op({
      method: 'GET',
      path: '/api/events',
      summary:
        'Events, oldest first; with Accept: text/event-stream a live stream with replay (see streamEvents)',
      input: z.object({
        ...pageInput,
        type: z.string().max(200).optional(),
        correlation: z.string().max(200).optional(),
      }),
      output: listOf(busEventSchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid'],
    }),
    streamEvents: streamOp({
      method: 'GET',
      path: '/api/events',
      summary:
        'Live events as server-sent events; replays from Last-Event-ID or ?after= (a position), then follows',
      input: z.object({
        after: z.coerce.number().int().min(0).optional(),
        type: z.string().max(200).optional(),
      }),
      output: busEventSchema,
      risk: 'read',
      role: 'viewer',
      stream: 'sse',
    }),
    fetchEvents: op({
      method: 'POST',
      path: '/bus/subscriptions/{name}/fetch',
      summary:
        'Next events of a durable subscription, higher priorities first, waiting up to wait_ms for one',
      input: z.object({
        name: subscriptionName,
        types: z.array(z.string().max(200)).max(200),
        limit: z.number().int().min(1).max(1000),
        wait_ms: z.number().int().min(0).max(30_000),
      }),
      output: z.object({ events: z.array(busEventSchema) }),
      risk: 'read',
      role: 'internal',
    }),
    ackEvents: op({
      method: 'POST',
      path: '/bus/subscriptions/{name}/ack',
      summary:
        'Marks delivered events as handled; they are not delivered to this subscription again',
      input: z.object({
        name: subscriptionName,
        seqs: z.array(z.number().int().positive()).max(1000),
      }),
      output: z.object({ pending: z.number().int() }),
      risk: 'change',
      role: 'internal',
    }),
  },
});
