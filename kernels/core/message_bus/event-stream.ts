import { HoldfastError } from '@holdfast/contracts';
import type { Call, StreamItem } from '@holdfast/sdk';
import type { EventStore } from './event-store.ts';
import type { Bell } from './signal-bell.ts';

const BATCH = 200;
const WAIT_MS = 30_000;

const startOf = (
  after: number | undefined,
  lastEventId: string | undefined,
): number | undefined => {
  if (lastEventId === undefined) return after;
  if (!/^\d{1,15}$/.test(lastEventId))
    throw new HoldfastError('cursor_invalid', { cursor: lastEventId });
  return Number(lastEventId);
};

/**
 * Replays from a position, then follows until the caller leaves. Without a position it follows from now on. The SSE id
 * of an item is its position, so a reader that reconnects with Last-Event-ID misses and repeats nothing.
 */
export async function* streamEvents(
  parts: { events: EventStore; bell: Bell },
  input: { after?: number | undefined; type?: string | undefined },
  call: Call,
): AsyncIterable<StreamItem> {
  let after = startOf(input.after, call.lastEventId) ?? (await parts.events.lastSeq());
  while (!call.signal.aborted) {
    const rung = parts.bell.wait(WAIT_MS, call.signal);
    const batch = await parts.events.list({
      after,
      limit: BATCH,
      ...(input.type === undefined ? {} : { type: input.type }),
    });
    for (const item of batch) {
      yield { id: String(item.seq), event: item.event.type, data: item };
      after = item.seq;
    }
    if (batch.length === 0) await rung;
  }
}
