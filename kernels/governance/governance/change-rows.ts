import { isTerminal, targetKey, type Change } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import { freshNotes, heldTarget, hostOf, type ChangeRecord, type Notes } from './change-record.ts';

export interface ChangeRow {
  readonly seq: number;
  readonly body: string;
  readonly notes: string;
}

export const COLUMNS = 'seq, body, notes';

/** What a change of an older build does not say yet. */
const UNSAID = { challenges: [], held: false, active_at: null };

/** A record as it was written; a copy with what it does not say when it was written by an older build. */
const completed = <T extends object>(unsaid: Partial<T>, said: T): T => {
  for (const key in unsaid) if (!(key in said)) return { ...unsaid, ...said };
  return said;
};

export const recordOf = (row: ChangeRow): ChangeRecord => ({
  change: completed<Change>(UNSAID, JSON.parse(row.body) as Change),
  notes: completed<Notes>(freshNotes, JSON.parse(row.notes) as Notes),
});

/** When its steps were started and it ended: what cool-downs count from. */
const appliedAt = ({ change, notes }: ChangeRecord): string | null =>
  notes.run_started ? change.finished_at : null;

export const insertChange = (record: ChangeRecord): Statement => {
  const { change, notes } = record;
  return {
    sql: `INSERT INTO changes
      (id, kind, state, open, host, asked_host, open_target, version, body, notes, author,
      target, created_at, applied_at, automatic)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      change.id,
      change.kind,
      change.state,
      isTerminal(change.state) ? 0 : 1,
      hostOf(change),
      notes.asked_host,
      heldTarget(record),
      change.version,
      JSON.stringify(change),
      JSON.stringify(notes),
      change.proposed_by,
      targetKey(change.target),
      change.created_at,
      appliedAt(record),
      notes.automatic ? 1 : 0,
    ],
  };
};

/** Fails with WRITE_CONFLICT when the row is not at the version `from`: the one before this one unless told. */
export const updateChange = (record: ChangeRecord, from = record.change.version - 1): Statement => {
  const { change, notes } = record;
  return {
    sql: `UPDATE changes SET state = ?, open = ?, host = ?, open_target = ?, version = ?, body = ?,
      notes = ?, target = ?, applied_at = ? WHERE id = ? AND version = ?`,
    params: [
      change.state,
      isTerminal(change.state) ? 0 : 1,
      hostOf(change),
      heldTarget(record),
      change.version,
      JSON.stringify(change),
      JSON.stringify(notes),
      targetKey(change.target),
      appliedAt(record),
      change.id,
      from,
    ],
    expect: 1,
  };
};
