import { HoldfastError } from '@holdfast/contracts';
import type { Store } from '@holdfast/store';
import { ENTRY_COLUMNS, type EntryRow } from './entry-row.ts';
import type { Labels } from './labels.ts';

export interface EntryFilter {
  readonly type?: string | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly correlation?: string | undefined;
}

export interface EntryPage extends EntryFilter {
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface EntrySearch {
  /** One page; the cursor is the index of the last entry seen. */
  page(page: EntryPage): Promise<{ rows: EntryRow[]; total: number }>;
  /** By event id, by index (a decimal number), or the newest of a correlation (a change). Throws entry_not_found. */
  find(id: string): Promise<EntryRow>;
}

const FIELDS = ['type', 'actor', 'subject', 'correlation'] as const;
const NUMBER = /^\d{1,15}$/;

const conditions = (filter: EntryFilter): { parts: string[]; params: (string | number)[] } => {
  const given = FIELDS.filter((field) => filter[field] !== undefined);
  return {
    parts: given.map((field) => `labels.${field} = ?`),
    params: given.map((field) => filter[field]!),
  };
};

const whereOf = (parts: readonly string[]): string =>
  parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`;

const cursorOf = (cursor: string): number => {
  if (!NUMBER.test(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return Number(cursor);
};

/** Reads entries; what is searched by label waits until the labels are level with the entries. */
export const createEntrySearch = (store: Store, labels: Labels): EntrySearch => {
  const newestOf = async (correlation: string): Promise<EntryRow | undefined> => {
    if (correlation === '') return undefined;
    await labels.catchUp();
    const [row] = await store.read<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM labels JOIN entries ON entries.idx = labels.idx
        WHERE labels.correlation = ? ORDER BY labels.idx DESC LIMIT 1`,
      [correlation],
    );
    return row;
  };

  return {
    async page(page) {
      const { parts, params } = conditions(page);
      const source =
        parts.length === 0 ? 'entries' : 'labels JOIN entries ON entries.idx = labels.idx';
      if (parts.length > 0) await labels.catchUp();
      const counted = await store.read<{ count: number }>(
        `SELECT COUNT(*) AS count FROM ${parts.length === 0 ? 'entries' : 'labels'} ${whereOf(parts)}`,
        params,
      );
      if (page.cursor !== undefined) {
        parts.push(page.order === 'asc' ? 'entries.idx > ?' : 'entries.idx < ?');
        params.push(cursorOf(page.cursor));
      }
      const rows = await store.read<EntryRow>(
        `SELECT ${ENTRY_COLUMNS} FROM ${source} ${whereOf(parts)} ORDER BY entries.idx ${page.order} LIMIT ?`,
        [...params, page.limit],
      );
      return { rows, total: counted[0]?.count ?? 0 };
    },
    async find(id) {
      const select = `SELECT ${ENTRY_COLUMNS} FROM entries`;
      const [row] = NUMBER.test(id)
        ? await store.read<EntryRow>(`${select} WHERE idx = ?`, [Number(id)])
        : await store.read<EntryRow>(`${select} WHERE id = ?`, [id]);
      const found = row ?? (await newestOf(id));
      if (!found) throw new HoldfastError('entry_not_found', { id });
      return found;
    },
  };
};
