import { conflictMessage } from '../bound-write.ts';
import { StoreError } from '../store-error.ts';
import type { Connection } from './connection.ts';
import type { RowSet, WireStatement, WireWrite, WriteOutcome } from './protocol.ts';

/** Counts what a write has changed so far: a write that changed nothing needs no undoing. */
export interface Progress {
  changed: number;
}

function runStatement(
  connection: Connection,
  sql: string,
  statement: WireStatement,
  progress: Progress,
): { changes: number; rows: RowSet | undefined } {
  const [, returning, changing, , runs] = statement;
  let changes = 0;
  let rows: RowSet | undefined;
  for (const params of runs) {
    let changed = 0;
    if (returning) {
      const set = connection.rows(sql, params);
      changed = changing ? set.rows.length : 0;
      if (rows === undefined) rows = set;
      else rows.rows.push(...set.rows);
    } else {
      changed = connection.run(sql, params);
    }
    changes += changed;
    progress.changed += changed;
  }
  return { changes, rows };
}

/** Runs one caller's statements inside the open transaction; throws what refuses it. */
export function runWrite(
  connection: Connection,
  sqls: readonly string[],
  write: WireWrite,
  progress: Progress,
): WriteOutcome {
  const outcome: WriteOutcome = { changes: [], rows: [] };
  for (const statement of write[1]) {
    const sql = sqls[statement[0]] as string;
    const { changes, rows } = runStatement(connection, sql, statement, progress);
    const expected = statement[3];
    if (expected >= 0 && changes !== expected) {
      throw new StoreError('WRITE_CONFLICT', conflictMessage(sql, changes, expected));
    }
    outcome.changes.push(changes);
    outcome.rows.push(rows);
  }
  return outcome;
}
