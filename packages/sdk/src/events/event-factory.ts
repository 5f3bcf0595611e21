import type { Event, Priority } from '@holdfast/contracts';
import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';

/** What a kernel says about an event; the rest is filled in. `actor` is the principal that caused it. */
export interface EventDraft {
  readonly type: string;
  readonly subject?: string;
  readonly actor: string;
  readonly correlation?: string;
  readonly priority?: Priority;
  readonly data: Record<string, unknown>;
}

export const createEventFactory =
  (kernel: string, clock: Clock, ids: Ids) =>
  (draft: EventDraft): Event => ({
    specversion: '1.0',
    id: ids('evt'),
    source: `/kernels/${kernel}`,
    type: draft.type,
    ...(draft.subject === undefined ? {} : { subject: draft.subject }),
    time: clock.iso(),
    datacontenttype: 'application/json',
    priority: draft.priority ?? 'normal',
    actor: draft.actor,
    ...(draft.correlation === undefined ? {} : { correlationid: draft.correlation }),
    data: draft.data,
  });

export type EventFactory = ReturnType<typeof createEventFactory>;
