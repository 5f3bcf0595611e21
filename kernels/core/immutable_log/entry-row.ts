import type { Event, LedgerEntry } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';

/** One row of `entries` as it is read. */
export interface EntryRow {
  readonly idx: number;
  readonly id: string;
  readonly leaf: Uint8Array;
  readonly body: string;
}

export const ENTRY_COLUMNS = 'entries.idx, entries.id, entries.leaf, entries.body';

/** The exact bytes that are hashed: RFC 8785 JSON of all fields of the event. */
export const leafBody = (event: Event): string => canonicalize(event);

export const toEntry = (row: EntryRow): LedgerEntry => ({
  index: row.idx,
  id: row.id,
  leaf_hash: Buffer.from(row.leaf).toString('hex'),
  event: JSON.parse(row.body) as Event,
});

const BEFORE_ID = ',"datacontenttype":"application/json","id":';

/**
 * Whether a row is filed under the id that its hashed body says. Canonical JSON sorts keys, so the last unescaped
 * occurrence of what stands before the id is that of the event itself: after it come strings only.
 */
export const isFiledUnderItsId = ({ id, body }: Pick<EntryRow, 'id' | 'body'>): boolean => {
  const at = body.lastIndexOf(BEFORE_ID);
  return at >= 0 && body.startsWith(`${JSON.stringify(id)},`, at + BEFORE_ID.length);
};
