import type { Event } from '@holdfast/contracts';
import type { QueuedEvent } from './journal-entry.ts';

/** Events that the bus has not acknowledged, in their order, bounded in number. */
export interface EventQueue {
  readonly length: number;
  /** Number of the next event. */
  readonly next: number;
  /** False when it is there already. `dropped` says how many of the oldest had to make room. */
  put(queued: QueuedEvent): { readonly added: boolean; readonly dropped: number };
  ack(n: number): void;
  /** From the front, up to number `last`, as many as fit into `bytes` of JSON, at least one if there is one. */
  front(last: number, limit: number, bytes: number): QueuedEvent[];
  startAt(next: number): void;
  all(): readonly { readonly n: number; readonly text: string }[];
}

export const createEventQueue = (limit: number): EventQueue => {
  let queue: { readonly n: number; readonly text: string }[] = [];
  let next = 1;
  return {
    get length() {
      return queue.length;
    },
    get next() {
      return next;
    },
    put({ n, event }) {
      if (n < next) return { added: false, dropped: 0 };
      next = n + 1;
      queue.push({ n, text: JSON.stringify(event) });
      const dropped = Math.max(0, queue.length - limit);
      if (dropped > 0) queue = queue.slice(dropped);
      return { added: true, dropped };
    },
    ack(n) {
      queue = queue.filter((one) => one.n > n);
    },
    front(last, max, bytes) {
      const taken: QueuedEvent[] = [];
      let size = 0;
      for (const { n, text } of queue) {
        size += text.length;
        if (n > last || taken.length >= max || (taken.length > 0 && size > bytes)) break;
        taken.push({ n, event: JSON.parse(text) as Event });
      }
      return taken;
    },
    startAt(first) {
      next = Math.max(next, first);
    },
    all: () => queue,
  };
};
