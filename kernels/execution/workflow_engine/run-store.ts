import { HoldfastError, type Run } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import { isStoreError, type Statement } from '@holdfast/store';
import type { WorkflowContext } from './context.ts';
import { FIRST_FENCE, type Lease, type Leases } from './leases.ts';
import { isFinished, parseRecord, type RunRecord } from './run-record.ts';

/** One record of the journal: what is about to be done, or what came of it. */
export interface Entry {
  readonly kind:
    | 'started'
    | 'measured'
    | 'held'
    | 'intent'
    | 'result'
    | 'watching'
    | 'watched'
    | 'failing'
    | 'finished';
  readonly step?: string;
  readonly body?: unknown;
}

export interface RunPatch extends Partial<Omit<RunRecord, 'run' | 'plan'>> {
  readonly run?: Partial<Run>;
}

/** One thing that happens to a run: its journal record, what changes in it, its events. */
export interface Move {
  readonly entry: Entry;
  readonly patch: RunPatch;
  readonly events?: readonly EventDraft[];
}

/** The runs, durable. Every write is a journal record, the run as it then stands, and its events: all or nothing. */
export interface RunStore {
  find(id: string): Promise<RunRecord | undefined>;
  /** A run, with what happens to it first where that is known. Answers the run that is there when there is one already. */
  insert(record: RunRecord, first?: Move): Promise<RunRecord>;
  /**
   * What happens to a run, one after the other. Throws WRITE_CONFLICT when the run is no longer what was loaded, or
   * another engine has it.
   */
  write(before: RunRecord, lease: Lease, moves: readonly Move[]): Promise<RunRecord>;
  /** The run, where governance has not taken in its last journal record. */
  unreported(id: string): Promise<RunRecord | undefined>;
  /** Needs no lease: it only grows, and says what is true whoever writes it. */
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

const journalRow = ({ id, journal }: Run, fence: number, entry: Entry, at: string): Statement => ({
  sql: `INSERT INTO journal (run, position, fence, kind, step, body, at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  params: [
    id,
    journal,
    fence,
    entry.kind,
    entry.step ?? null,
    JSON.stringify(entry.body ?? {}),
    at,
  ],
});

const moved = (before: RunRecord, patch: RunPatch, updated_at: string): RunRecord => {
  const journal = before.run.journal + 1;
  return { ...before, ...patch, run: { ...before.run, ...patch.run, journal, updated_at } };
};

const seqOf = (cursor: string): number => {
  if (!/^\d{1,15}$/.test(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return Number(cursor);
};

/** `onWritten` is called after each durable write of a run. */
export const createRunStore = (
  context: WorkflowContext,
  leases: Leases,
  onWritten: (run: string) => void,
): RunStore => {
  const { store, clock } = context;

  const one = async (condition: string, id: string): Promise<RunRecord | undefined> => {
    const [row] = await store.read<Row>(`SELECT seq, body FROM runs WHERE ${condition}`, [id]);
    return row && parseRecord(row.body);
  };
  const find: RunStore['find'] = (id) => one('id = ?', id);

  return {
    find,
    async insert(made, first) {
      const { id, created_at } = made.run;
      const record = first ? moved(made, first.patch, created_at) : made;
      const started: Entry = { kind: 'started', body: { plan_hash: record.plan.hash } };
      try {
        await context.commit(
          [
            {
              sql: `INSERT INTO runs (id, open, journal, reported, body, engine, fence, lease_ms)
                VALUES (?, 1, ?, 0, ?, ?, ?, ?)`,
              params: [
                id,
                record.run.journal,
                JSON.stringify(record),
                leases.engine,
                FIRST_FENCE,
                leases.untilMs(),
              ],
            },
            journalRow(made.run, FIRST_FENCE, started, created_at),
            ...(first ? [journalRow(record.run, FIRST_FENCE, first.entry, created_at)] : []),
          ],
          first?.events,
        );
        leases.born(id);
        onWritten(id);
        return record;
      } catch (error) {
        const before = isStoreError(error, 'STORE_CONSTRAINT') ? await find(id) : undefined;
        if (!before) throw error;
        return before;
      }
    },
    async write(before, lease, moves) {
      const at = clock.iso();
      const rows: Statement[] = [];
      let after = before;
      for (const { entry, patch } of moves) {
        after = moved(after, patch, at);
        rows.push(journalRow(after.run, lease.fence, entry, at));
      }
      const { run } = after;
      const untilMs = leases.untilMs();
      await context
        .commit(
          [
            {
              sql: `UPDATE runs SET open = ?, journal = ?, body = ?, lease_ms = ?
              WHERE id = ? AND journal = ? AND fence = ?`,
              params: [
                isFinished(after) ? 0 : 1,
                run.journal,
                JSON.stringify(after),
                untilMs,
                run.id,
                before.run.journal,
                lease.fence,
              ],
              expect: 1,
            },
            ...rows,
          ],
          moves.flatMap(({ events = [] }) => events),
        )
        .catch((error: unknown) => {
          // The write may have been made: then this was the last word about the run, and governance waits for it.
          if (isStoreError(error, 'STORE_UNKNOWN')) onWritten(run.id);
          throw error;
        });
      lease.untilMs = untilMs;
      onWritten(run.id);
      return after;
    },
    unreported: (id) => one('id = ? AND reported < journal', id),
    async markReported(id, journal) {
      const sql = `UPDATE runs SET reported = ?,
        lease_ms = CASE WHEN open = 0 AND journal = ? THEN NULL ELSE lease_ms END
        WHERE id = ? AND reported < ?`;
      await context.commit([{ sql, params: [journal, journal, id, journal] }]);
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
        items: shown.map((row) => parseRecord(row.body).run),
        total: count?.n ?? 0,
        next_cursor: rows.length > limit ? String(shown.at(-1)?.seq) : null,
      };
    },
  };
};
