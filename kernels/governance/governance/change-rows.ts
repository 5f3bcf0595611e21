import { isTerminal, type Change } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import { heldHost, hostOf, type ChangeRecord, type Notes } from './change-record.ts';

export interface ChangeRow {
  readonly seq: number;
  readonly body: string;
  readonly notes: string;
}

export const COLUMNS = 'seq, body, notes';

export const recordOf = (row: ChangeRow): ChangeRecord => ({
  change: JSON.parse(row.body) as Change,
  notes: JSON.parse(row.notes) as Notes,
});

export const insertChange = (record: ChangeRecord): Statement => {
  const { change, notes } = record;
  return {
    sql: `INSERT INTO changes
      (id, kind, state, open, host, asked_host, open_host, version, body, notes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      change.id,
      change.kind,
      change.state,
      isTerminal(change.state) ? 0 : 1,
      hostOf(change),
      notes.asked_host,
      heldHost(record),
      change.version,
      JSON.stringify(change),
      JSON.stringify(notes),
    ],
  };
};

/** Fails with WRITE_CONFLICT when the row is not at the version before this one. */
export const updateChange = (record: ChangeRecord): Statement => {
  const { change, notes } = record;
  return {
    sql: `UPDATE changes SET state = ?, open = ?, host = ?, open_host = ?, version = ?, body = ?,
      notes = ? WHERE id = ? AND version = ?`,
    params: [
      change.state,
      isTerminal(change.state) ? 0 : 1,
      hostOf(change),
      heldHost(record),
      change.version,
      JSON.stringify(change),
      JSON.stringify(notes),
      change.id,
      change.version - 1,
    ],
    expect: 1,
  };
};
