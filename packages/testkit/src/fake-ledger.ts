import type { Event } from '@holdfast/contracts';

type Ops = Readonly<Record<string, (input: never) => unknown>>;

/** The double of a ledger that signs at once for every event it is given. */
export const createFakeLedger = (events: () => readonly Event[]): Ops => ({
  listEntries({ correlation, type }: { correlation?: string; type?: string }) {
    const items = events()
      .map((event, index) => ({ index, id: event.id, leaf_hash: '', event }))
      .filter(({ event }) => correlation === undefined || event.correlationid === correlation)
      .filter(({ event }) => type === undefined || event.type === type);
    return { items, total: items.length, next_cursor: null };
  },
  getProof({ id }: { id: string }) {
    const index = events().findIndex((event) => event.id === id);
    const checkpoint = { origin: 'fake', size: events().length, root: '', note: '', key: '' };
    return { format: 'holdfast.inclusion-proof.v1', id, index, body: '', hashes: [], checkpoint };
  },
});
