import * as z from 'zod';

export const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Largest event as JSON text, in bytes. Kernels refuse to publish more, so that nothing gets stuck behind it later. */
export const MAX_EVENT_BYTES = 512 * 1024;

/**
 * A CloudEvents 1.0 event (JSON format). Extension attributes: `priority`, `actor` (who caused it),
 * `correlationid` (the change or scan that it belongs to).
 */
export const eventSchema = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200),
  source: z.string().min(1).max(200),
  type: z.string().min(1).max(200),
  subject: z.string().max(500).optional(),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  priority: z.enum(PRIORITIES),
  actor: z.string().min(1).max(200),
  correlationid: z.string().max(200).optional(),
  data: z.record(z.string(), z.unknown()),
});
export type Event = z.infer<typeof eventSchema>;

/** An event with its position on the bus. Positions grow by commit order and are never reused. */
export const busEventSchema = z.object({ seq: z.number().int().positive(), event: eventSchema });
export type BusEvent = z.infer<typeof busEventSchema>;
