import { randomBytes } from 'node:crypto';
import type { Event, EventType, Priority } from '@holdfast/contracts';

/** What the guardian says about an event; the rest is filled in. */
export interface EventDraft {
  readonly type: EventType;
  readonly subject?: string;
  /** The principal that caused it; the guardian itself unless told. */
  readonly actor?: string;
  readonly priority?: Priority;
  readonly data: Record<string, unknown>;
}

export const GUARDIAN_ACTOR = 'kernel:guardian';

/** `<prefix>_<48-bit time, hex><80 random bits, hex>`: sorts by time. */
export const createId = (prefix: string, now: number): string =>
  `${prefix}_${now.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;

/** A CloudEvents 1.0 event of the guardian. */
export const toEvent = (draft: EventDraft, now: number): Event => ({
  specversion: '1.0',
  id: createId('evt', now),
  source: 'guardian',
  type: draft.type,
  ...(draft.subject === undefined ? {} : { subject: draft.subject }),
  time: new Date(now).toISOString(),
  datacontenttype: 'application/json',
  priority: draft.priority ?? 'normal',
  actor: draft.actor ?? GUARDIAN_ACTOR,
  data: draft.data,
});
