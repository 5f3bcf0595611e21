import type { Event, LedgerEntry } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';

/** One row of `entries` as it is read. */
export interface EntryRow {
  readonly idx: number;
  readonly id: string;
  readonly type: string;
  readonly actor: string;
  readonly subject: string;
  readonly correlation: string;
  readonly leaf: Uint8Array;
  readonly body: string;
}

export const ENTRY_COLUMNS = 'idx, id, type, actor, subject, correlation, leaf, body';

/** The exact bytes that are hashed: RFC 8785 JSON of all fields of the event. */
export const leafBody = (event: Event): string => canonicalize(event);

export const toEntry = (row: EntryRow): LedgerEntry => ({
  index: row.idx,
  id: row.id,
  leaf_hash: Buffer.from(row.leaf).toString('hex'),
  event: JSON.parse(row.body) as Event,
});

/** Names a search column that does not say what the hashed body says, if there is one. */
export const columnMismatch = (row: EntryRow): string | undefined => {
  const event = JSON.parse(row.body) as Event;
  if (event.id !== row.id) return 'id';
  if (event.type !== row.type) return 'type';
  if (event.actor !== row.actor) return 'actor';
  if ((event.subject ?? '') !== row.subject) return 'subject';
  if ((event.correlationid ?? '') !== row.correlation) return 'correlation';
  return undefined;
};
