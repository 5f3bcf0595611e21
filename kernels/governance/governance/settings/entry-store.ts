import { targetKey } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import type { ChangeRecord } from '../change-record.ts';
import { COLUMNS, recordOf, type ChangeRow } from '../change-rows.ts';
import type { GovernanceContext } from '../context.ts';
import type { Json } from './merge-patch.ts';

/** What a change of settings said about itself when it was proposed. */
export interface ProposedSettings {
  /** A merge patch against the effective profile; a switch of the profile is one of its name. */
  readonly patch: Json;
  /** The values that it replaces, as a patch. */
  readonly before: Json;
  readonly base_revision: string;
}

export interface StoredEntry extends ProposedSettings {
  readonly applied_by: string | null;
}

interface Row {
  readonly body: string;
  readonly applied_by: string | null;
}

export const SETTINGS_TARGET = { config: 'profile' } as const;
const TARGET_KEY = targetKey(SETTINGS_TARGET);

/** How far the events of an entry have been published. */
export const ANNOUNCED = { nothing: 0, applied: 1, reverted: 2 } as const;

/** Changes of settings with what they said about themselves. */
export interface EntryStore {
  /** For the write that makes the change. Nothing when there is an entry already, or no such change. */
  insert(change: string, entry: ProposedSettings): Statement;
  find(change: string): Promise<StoredEntry | undefined>;
  markApplier(change: string, principal: string): Promise<void>;
  /** Fails with WRITE_CONFLICT when it was announced before. */
  announce(change: string, from: number, to: number): Statement;
  announced(change: string): Promise<number | undefined>;
  /** Changes of settings and their undos, newest first. */
  newest(limit: number): Promise<ChangeRecord[]>;
  count(): Promise<number>;
  /** The change that holds the settings now. */
  holder(): Promise<ChangeRecord | undefined>;
}

export const createEntryStore = ({ store }: GovernanceContext): EntryStore => {
  const records = async (where: string, params: readonly (string | number)[]) => {
    const rows = await store.read<ChangeRow>(`SELECT ${COLUMNS} FROM changes ${where}`, [
      ...params,
    ]);
    return rows.map(recordOf);
  };
  return {
    insert: (change, entry) => ({
      sql: `INSERT INTO settings_entries (change_id, body, announced)
        SELECT id, ?, 0 FROM changes WHERE id = ? ON CONFLICT (change_id) DO NOTHING`,
      params: [JSON.stringify(entry), change],
    }),
    async find(change) {
      const [row] = await store.read<Row>(
        'SELECT body, applied_by FROM settings_entries WHERE change_id = ?',
        [change],
      );
      if (row === undefined) return undefined;
      return { ...(JSON.parse(row.body) as ProposedSettings), applied_by: row.applied_by };
    },
    async markApplier(change, principal) {
      const sql = 'UPDATE settings_entries SET applied_by = ? WHERE change_id = ?';
      await store.write([{ sql, params: [principal, change] }]);
    },
    announce: (change, from, to) => ({
      sql: 'UPDATE settings_entries SET announced = ? WHERE change_id = ? AND announced = ?',
      params: [to, change, from],
      expect: 1,
    }),
    async announced(change) {
      const [row] = await store.read<{ announced: number }>(
        'SELECT announced FROM settings_entries WHERE change_id = ?',
        [change],
      );
      return row?.announced;
    },
    newest: (limit) => records('WHERE target = ? ORDER BY seq DESC LIMIT ?', [TARGET_KEY, limit]),
    async count() {
      const [row] = await store.read<{ n: number }>(
        'SELECT COUNT(*) AS n FROM changes WHERE target = ?',
        [TARGET_KEY],
      );
      return row?.n ?? 0;
    },
    async holder() {
      const [found] = await records('WHERE open_target = ?', [TARGET_KEY]);
      return found;
    },
  };
};
