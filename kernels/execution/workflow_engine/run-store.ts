import { HoldfastError, type Run } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import { isStoreError, type Statement } from '@holdfast/store';
import type { WorkflowContext } from './context.ts';
import { isFinished, type RunRecord } from './run-record.ts';

/** One record of the journal: what is about to be done, or what came of it. */
export interface Entry {
  readonly kind: 'started' | 'intent' | 'result' | 'watching' | 'failing' | 'finished';
  readonly step?: string;
  readonly body?: unknown;
}

export interface RunPatch extends Partial<Omit<RunRecord, 'run' | 'plan'>> {
  readonly run?: Partial<Run>;
}

/** The runs, durable. Every write is a journal record, the run as it then stands, and its events: all or nothing. */
export interface RunStore {
  find(id: string): Promise<RunRecord | undefined>;
  /** Answers the run that is there when there is one already. */
  insert(record: RunRecord): Promise<RunRecord>;
  /** Throws WRITE_CONFLICT when the run is no longer what was loaded. */
  write(
    before: RunRecord,
    entry: Entry,
    patch: RunPatch,
    events?: readonly EventDraft[],
  ): Promise<RunRecord>;
  /** Runs that are not finished or whose end governance does not know. */
  unsettledIds(): Promise<string[]>;
  /** The journal count that governance took in last. */
  reported(id: string): Promise<number>;
  markReported(id: string, journal: number): Promise<void>;
  page(
    limit: number,
    cursor?: string,
  ): Promise<{
    items: Run[];
    total: number;
    next_cursor: string | null;
  }>;
}

interface Row {
  readonly seq: number;
  readonly body: string;
}

const journalRow = (run: string, position: number, entry: Entry, at: string): Statement => ({
  sql: 'INSERT INTO journal (run, position, kind, step, body, at) VALUES (?, ?, ?, ?, ?, ?)',
  params: [run, position, entry.kind, entry.step ?? null, JSON.stringify(entry.body ?? {}), at],
});

const seqOf = (cursor: string): number => {
  if (!/^\d{1,15}$/.test(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return Number(cursor);
};

/** `onWritten` is called after each durable write of a run. */
export const createRunStore = (
  context: WorkflowContext,
  onWritten: (run: string) => void,
): RunStore => {
  const { store, clock } = context;

  const find = async (id: string): Promise<RunRecord | undefined> => {
    const [row] = await store.read<Row>('SELECT seq, body FROM runs WHERE id = ?', [id]);
    return row && (JSON.parse(row.body) as RunRecord);
  };

  return {
    find,
    async insert(record) {
      const { id, created_at } = record.run;
      try {
        await context.commit([
          {
            sql: 'INSERT INTO runs (id, open, journal, reported, body) VALUES (?, 1, 1, 0, ?)',
            params: [id, JSON.stringify(record)],
          },
          journalRow(id, 1, { kind: 'started', body: { plan_hash: record.plan.hash } }, created_at),
        ]);
        onWritten(id);
        return record;
      } catch (error) {
        const before = isStoreError(error, 'STORE_CONSTRAINT') ? await find(id) : undefined;
        if (!before) throw error;
        return before;
      }
    },
    async write(before, entry, patch, events = []) {
      const at = clock.iso();
      const journal = before.run.journal + 1;
      const run: Run = { ...before.run, ...patch.run, journal, updated_at: at };
      const after: RunRecord = { ...before, ...patch, run };
      await context.commit(
        [
          {
            sql: 'UPDATE runs SET open = ?, journal = ?, body = ? WHERE id = ? AND journal = ?',
            params: [
              isFinished(after) ? 0 : 1,
              journal,
              JSON.stringify(after),
              run.id,
              journal - 1,
            ],
            expect: 1,
          },
          journalRow(run.id, journal, entry, at),
        ],
        events,
      );
      onWritten(run.id);
      return after;
    },
    async unsettledIds() {
      const rows = await store.read<{ id: string }>(
        'SELECT id FROM runs WHERE open = 1 OR reported < journal ORDER BY seq',
      );
      return rows.map((row) => row.id);
    },
    async reported(id) {
      const [row] = await store.read<{ reported: number }>(
        'SELECT reported FROM runs WHERE id = ?',
        [id],
      );
      return row?.reported ?? 0;
    },
    async markReported(id, journal) {
      const params = [journal, id, journal];
      const sql = 'UPDATE runs SET reported = ? WHERE id = ? AND reported < ?';
      await context.commit([{ sql, params }]);
    },
    async page(limit, cursor) {
      const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : seqOf(cursor);
      const rows = await store.read<Row>(
        'SELECT seq, body FROM runs WHERE seq < ? ORDER BY seq DESC LIMIT ?',
        [before, limit + 1],
      );
      const [count] = await store.read<{ n: number }>('SELECT COUNT(*) AS n FROM runs');
      const shown = rows.slice(0, limit);
      return {
        items: shown.map((row) => (JSON.parse(row.body) as RunRecord).run),
        total: count?.n ?? 0,
        next_cursor: rows.length > limit ? String(shown.at(-1)?.seq) : null,
      };
    },
  };
};
