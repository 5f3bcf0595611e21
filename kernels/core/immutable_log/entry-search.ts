import { HoldfastError } from '@holdfast/contracts';
import type { Store } from '@holdfast/store';
import { ENTRY_COLUMNS, type EntryRow } from './entry-row.ts';

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

const FIELDS = ['type', 'actor', 'subject', 'correlation'] as const;

const filterSql = (filter: EntryFilter): { parts: string[]; params: (string | number)[] } => {
  const given = FIELDS.filter((field) => filter[field] !== undefined);
  return {
    parts: given.map((field) => `${field} = ?`),
    params: given.map((field) => filter[field]!),
  };
};

const whereOf = (parts: readonly string[]): string =>
  parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`;

/** Reads one page of entries; the cursor is the index of the last one seen. */
export const searchEntries = async (
  store: Store,
  page: EntryPage,
): Promise<{ rows: EntryRow[]; total: number }> => {
  const { parts, params } = filterSql(page);
  const [counted] = await store.read<{ count: number }>(
    `SELECT COUNT(*) AS count FROM entries ${whereOf(parts)}`,
    params,
  );
  if (page.cursor !== undefined) {
    if (!/^\d{1,15}$/.test(page.cursor))
      throw new HoldfastError('cursor_invalid', { cursor: page.cursor });
    parts.push(page.order === 'asc' ? 'idx > ?' : 'idx < ?');
    params.push(Number(page.cursor));
  }
  const rows = await store.read<EntryRow>(
    `SELECT ${ENTRY_COLUMNS} FROM entries ${whereOf(parts)} ORDER BY idx ${page.order} LIMIT ?`,
    [...params, page.limit],
  );
  return { rows, total: counted?.count ?? 0 };
};

/** An entry by event id, by index (a decimal number), or the newest of a correlation (a change). Throws entry_not_found. */
export const findEntry = async (store: Store, id: string): Promise<EntryRow> => {
  const select = `SELECT ${ENTRY_COLUMNS} FROM entries`;
  const [row] = /^\d{1,15}$/.test(id)
    ? await store.read<EntryRow>(`${select} WHERE idx = ?`, [Number(id)])
    : await store.read<EntryRow>(`${select} WHERE id = ?`, [id]);
  if (row) return row;
  const [newest] = await store.read<EntryRow>(
    `${select} WHERE correlation = ? ORDER BY idx DESC LIMIT 1`,
    [id],
  );
  if (newest && id !== '') return newest;
  throw new HoldfastError('entry_not_found', { id });
};
