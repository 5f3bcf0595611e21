import { HoldfastError } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import { isStoreError, type Statement } from '@holdfast/store';
import type { ChangeRecord } from './change-record.ts';
import { COLUMNS, insertChange, recordOf, updateChange, type ChangeRow } from './change-rows.ts';
import type { GovernanceContext } from './context.ts';
import { createKnownRecords } from './known-records.ts';
import { applyMove, type Move, type Moved } from './move.ts';
import { createWaiters, type Waiters } from './waiters.ts';

/** What else goes into the same write as a move. */
export interface Alongside {
  /** Other changes as the same write leaves them, each one version on. */
  readonly others?: readonly ChangeRecord[];
  readonly statements?: readonly Statement[];
  readonly events?: readonly EventDraft[];
}

/** What is to be done with a change, with what else goes into the same write; undefined: nothing. */
export type Decided =
  | (Move & {
      readonly also?: Alongside;
      /** A move that comes first, in the same write. */ readonly first?: Move;
    })
  | undefined;

/** The changes, durable. A move is one atomic write: the record, guarded by its version, and its events. */
export interface ChangeStore {
  /** Undefined when there is none. */
  find(id: string): Promise<ChangeRecord | undefined>;
  /** Throws change_not_found. */
  load(id: string): Promise<ChangeRecord>;
  /** Ids of changes that are not finished, oldest first. */
  openIds(): Promise<string[]>;
  /** The id of the change that holds a target, by its key. */
  holderOf(target: string): Promise<string | undefined>;
  /** Calls a listener after every durable write of a change. */
  onChanged(listener: (record: ChangeRecord) => void): void;
  insert(record: ChangeRecord, also: Alongside): Promise<void>;
  /** Throws WRITE_CONFLICT when the record is no longer what was loaded. */
  commit(before: ChangeRecord, move: Move, also?: Alongside): Promise<ChangeRecord>;
  /** The same for several moves in a row, as one write: none of them is durable without the others. */
  commitAll(before: ChangeRecord, moved: readonly Moved[], also?: Alongside): Promise<ChangeRecord>;
  /** Loads, decides and commits until nobody came between. */
  update(
    id: string,
    decide: (record: ChangeRecord) => Decided | Promise<Decided>,
  ): Promise<ChangeRecord>;
  readonly waiters: Waiters;
}

export const createChangeStore = (context: GovernanceContext): ChangeStore => {
  const { store, clock } = context;
  const waiters = createWaiters();
  const known = createKnownRecords();
  const listeners: ((record: ChangeRecord) => void)[] = [];
  const tell = (record: ChangeRecord): void => {
    waiters.wake(record.change.id);
    for (const listener of listeners) listener(record);
  };

  const find = async (id: string): Promise<ChangeRecord | undefined> => {
    const seen = known.get(id);
    if (seen) return seen;
    const keep = known.reading();
    const rows = await store.read<ChangeRow>(`SELECT ${COLUMNS} FROM changes WHERE id = ?`, [id]);
    const record = rows[0] && recordOf(rows[0]);
    if (record) keep(record);
    return record;
  };

  const load = async (id: string): Promise<ChangeRecord> => {
    const record = await find(id);
    if (!record) throw new HoldfastError('change_not_found', { id });
    return record;
  };

  const write = async (
    record: ChangeRecord,
    statement: Statement,
    events: readonly EventDraft[],
    { others = [], ...also }: Alongside,
  ): Promise<void> => {
    const touched = [...others, record];
    const statements = [statement, ...others.map((other) => updateChange(other))];
    try {
      await context.commit(
        [...statements, ...(also.statements ?? [])],
        [...events, ...(also.events ?? [])],
      );
    } catch (error) {
      for (const { change } of touched) known.forget(change.id);
      throw error;
    }
    for (const one of touched) known.keep(one);
    for (const one of touched) tell(one);
  };

  const commitAll: ChangeStore['commitAll'] = async (before, moved, also = {}) => {
    const { record } = moved.at(-1)!;
    const events = moved.flatMap((one) => one.events);
    await write(record, updateChange(record, before.change.version), events, also);
    return record;
  };
  const commit: ChangeStore['commit'] = async (before, move, also) =>
    commitAll(before, [applyMove(before, move, clock.iso())], also);

  return {
    find,
    load,
    async openIds() {
      const rows = await store.read<{ id: string }>(
        'SELECT id FROM changes WHERE open = 1 ORDER BY seq',
      );
      return rows.map((row) => row.id);
    },
    async holderOf(target) {
      const rows = await store.read<{ id: string }>(
        'SELECT id FROM changes WHERE open_target = ?',
        [target],
      );
      return rows[0]?.id;
    },
    insert: (record, also) => write(record, insertChange(record), [], also),
    onChanged: (listener) => void listeners.push(listener),
    commit,
    commitAll,
    async update(id, decide) {
      for (;;) {
        const record = await load(id);
        const move = await decide(record);
        if (!move) return record;
        try {
          const at = clock.iso();
          const first = move.first ? [applyMove(record, move.first, at)] : [];
          const last = applyMove(first[0]?.record ?? record, move, at);
          return await commitAll(record, [...first, last], move.also);
        } catch (error) {
          if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
        }
      }
    },
    waiters,
  };
};
