import type { BusEvent } from '@holdfast/contracts';
import type { LibrarianContext } from '../config.ts';
import type { LibraryStore } from '../library/library-store.ts';
import { eventDocument } from './event-document.ts';

/** How many incidents and events are kept, newest first, and how many more may gather before the oldest are removed. */
export interface EventRetention {
  readonly keep: number;
  readonly slack: number;
}

export const EVENT_RETENTION: EventRetention = { keep: 50_000, slack: 200 };

/**
 * Keeps what the bus tells searchable. It is a copy of what the ledger has: indexing an event announces nothing, or every
 * event would bring forth another. An event that comes twice, or late, changes nothing.
 */
export const createEventIndexer = async (
  context: Pick<LibrarianContext, 'commit' | 'clock'>,
  library: LibraryStore,
  retention: EventRetention,
): Promise<(event: BusEvent) => Promise<void>> => {
  let count = await library.countOrigin('bus');
  const trim = async (): Promise<void> => {
    const excess = count - retention.keep;
    if (excess < retention.slack) return;
    const oldest = await library.oldest('bus', Math.min(excess, retention.slack));
    await context.commit(library.remove(oldest.map(({ id }) => id)));
    count -= oldest.length;
  };
  return async (event) => {
    const document = eventDocument(event);
    const before = await library.find(document.id);
    if (before !== undefined && before.position >= document.position) return;
    await context.commit(await library.put(document, context.clock.iso()));
    if (before === undefined) count += 1;
    await trim();
  };
};
