import { conflictMessage } from '../bound-write.ts';
import type { BoundStatement } from '../bound-write.ts';
import { chunkSize, insertHead } from '../plain-insert.ts';
import type { BoundValue } from '../sql-values.ts';
import type { StatementText } from '../statement-text.ts';
import { StoreError } from '../store-error.ts';
import type { Row, WriteResult } from '../store.ts';
import type { Connection } from './connection.ts';

/** Counts what a write has changed so far: a write that changed nothing needs no undoing. */
export interface Progress {
  changed: number;
}

/** A row in a statement of 16 or more costs less than half of one alone; beyond 64 nothing is won. */
export const joinLimits = { maxRows: 64, maxParams: 4096 };

const joinedTexts = new WeakMap<StatementText, Map<number, string>>();

/** The text for so many rows; kept, so that the driver's statement is found by the same string. */
function joinedText(text: StatementText, head: string, rows: number): string {
  let texts = joinedTexts.get(text);
  if (texts === undefined) joinedTexts.set(text, (texts = new Map()));
  let joined = texts.get(rows);
  if (joined === undefined) {
    const row = `(${Array(text.placeholders).fill('?').join(',')})`;
    joined = head + Array(rows).fill(row).join(',');
    texts.set(rows, joined);
  }
  return joined;
}

/** Inserts `count` rows from `start` on with one statement; it keeps all of them or none. */
export function insertJoined(
  connection: Connection,
  text: StatementText,
  rows: readonly (readonly BoundValue[])[],
  start = 0,
  count = rows.length,
): number {
  const head = insertHead(text) as string;
  const params: BoundValue[] = [];
  for (let row = start; row < start + count; row++) {
    for (const value of rows[row] as readonly BoundValue[]) params.push(value);
  }
  return connection.run(joinedText(text, head, count), params);
}

function runChanges(
  connection: Connection,
  text: StatementText,
  runs: BoundStatement['runs'],
  progress: Progress,
): void {
  const joins = runs.length > 1 && insertHead(text) !== undefined;
  for (let start = 0; start < runs.length;) {
    const size = joins ? chunkSize(runs.length - start, text.placeholders, joinLimits) : 1;
    progress.changed +=
      size === 1
        ? connection.run(text.sql, runs[start])
        : insertJoined(connection, text, runs, start, size);
    start += size;
  }
}

function runReturning(
  connection: Connection,
  { verb, sql }: StatementText,
  runs: BoundStatement['runs'],
  progress: Progress,
): Row[] {
  const changing = verb !== 'SELECT' && verb !== 'VALUES';
  const all: Row[] = [];
  for (const params of runs) {
    const rows = connection.rows(sql, params);
    if (changing) progress.changed += rows.length;
    for (const row of rows) all.push(row);
  }
  return all;
}

/** Runs one caller's statements inside the open transaction; throws what refuses it. */
export function runWrite(
  connection: Connection,
  write: readonly BoundStatement[],
  progress: Progress,
): WriteResult {
  const result: WriteResult = { changes: [], rows: [] };
  for (const { text, runs, expect } of write) {
    const before = progress.changed;
    const rows = text.returning ? runReturning(connection, text, runs, progress) : [];
    if (!text.returning) runChanges(connection, text, runs, progress);
    const changes = progress.changed - before;
    if (expect !== undefined && changes !== expect) {
      throw new StoreError('WRITE_CONFLICT', conflictMessage(text.sql, changes, expect));
    }
    result.changes.push(changes);
    result.rows.push(rows);
  }
  return result;
}
