import type { BoundStatement } from '../bound-write.ts';
import { chunkSize, insertHead } from '../plain-insert.ts';
import type { StoreError } from '../store-error.ts';
import { isStoreError } from '../store-error.ts';
import type { WriteResult } from '../store.ts';
import type { Connection } from './connection.ts';
import { insertJoined, joinLimits, runWrite } from './run-write.ts';
import { sqliteFailure } from './sqlite-failure.ts';

export type Write = readonly BoundStatement[];
export type Answer = WriteResult | StoreError;

/** The group could not be committed as one; nothing of it is left. */
class GroupLost extends Error {}

const failed = (error: unknown): StoreError => sqliteFailure(error, 'writing');

/** The text of a write that is one row of a plain INSERT and nothing else. */
function singleInsert(write: Write | undefined) {
  const [only] = write ?? [];
  if (only === undefined || write?.length !== 1 || only.runs.length !== 1) return undefined;
  if (only.expect !== undefined && only.expect !== 1) return undefined;
  return insertHead(only.text) === undefined ? undefined : only.text;
}

/** How many writes from `start` on are rows that can share a statement. */
function joinable(writes: readonly Write[], start: number): number {
  const text = singleInsert(writes[start]);
  if (text === undefined) return 1;
  let end = start + 1;
  while (end < writes.length && singleInsert(writes[end]) === text) end++;
  return chunkSize(end - start, text.placeholders, joinLimits);
}

/** Undefined when the rows cannot go in together; none of them is left then. */
function runJoined(connection: Connection, writes: readonly Write[]): Answer[] | undefined {
  const statements = writes.map((write) => write[0] as BoundStatement);
  try {
    insertJoined(
      connection,
      (statements[0] as BoundStatement).text,
      statements.map(({ runs }) => runs[0] as BoundStatement['runs'][number]),
    );
    return writes.map(() => ({ changes: [1], rows: [[]] }));
  } catch {
    if (!connection.inTransaction) throw new GroupLost();
    return undefined;
  }
}

/**
 * A write that fails before it changed anything is refused alone; one that fails later, or whose
 * returned rows cannot be read, would leave a part of itself behind, so the group is given up and
 * redone with care.
 */
function runOne(connection: Connection, write: Write): Answer {
  const progress = { changed: 0 };
  try {
    return runWrite(connection, write, progress);
  } catch (error) {
    const hasChanged = progress.changed > 0 || isStoreError(error, 'STORE_VALUE');
    if (hasChanged || !connection.inTransaction) throw new GroupLost();
    return failed(error);
  }
}

/** The fast path: no savepoints, and neighbouring callers' rows of one plain INSERT together. */
function runPlainly(connection: Connection, writes: readonly Write[]): Answer[] {
  const answers: Answer[] = [];
  for (let start = 0; start < writes.length;) {
    const end = start + joinable(writes, start);
    const some = writes.slice(start, end);
    const joined = some.length > 1 ? runJoined(connection, some) : undefined;
    answers.push(...(joined ?? some.map((write) => runOne(connection, write))));
    start = end;
  }
  return answers;
}

function runWithSavepoints(connection: Connection, writes: readonly Write[]): Answer[] {
  return writes.map((write) => {
    connection.run('SAVEPOINT caller');
    try {
      const result = runWrite(connection, write, { changed: 0 });
      connection.run('RELEASE caller');
      return result;
    } catch (error) {
      if (!connection.inTransaction) throw writes.length > 1 ? new GroupLost() : error;
      connection.run('ROLLBACK TO caller');
      connection.run('RELEASE caller');
      return failed(error);
    }
  });
}

type RunAll = (connection: Connection, writes: readonly Write[]) => Answer[];

/**
 * The statements run here and now; the COMMIT, with its fsync and now and then a checkpoint, runs
 * aside. Returns answers for all when the transaction cannot even begin.
 */
async function inTransaction(
  connection: Connection,
  writes: readonly Write[],
  run: RunAll,
): Promise<Answer[]> {
  try {
    connection.run('BEGIN IMMEDIATE');
  } catch (error) {
    return writes.map(() => failed(error));
  }
  try {
    const answers = run(connection, writes);
    await connection.runAside('COMMIT');
    return answers;
  } catch (error) {
    if (connection.inTransaction) connection.run('ROLLBACK');
    throw error;
  }
}

/** One transaction for one caller: its fate is its own, whatever the disk does. */
async function commitAlone(connection: Connection, write: Write): Promise<Answer> {
  try {
    return (await inTransaction(connection, [write], runWithSavepoints))[0] as Answer;
  } catch (error) {
    return failed(error);
  }
}

/**
 * Commits a group in one transaction and answers each caller; when it resolves, everything answered
 * as done is on stable storage. A full disk or a failed commit takes the whole transaction with it,
 * so then each caller gets a transaction of its own. Nobody else may use the connection meanwhile.
 */
export async function commitGroup(
  connection: Connection,
  writes: readonly Write[],
): Promise<Answer[]> {
  for (const run of [runPlainly, runWithSavepoints]) {
    try {
      return await inTransaction(connection, writes, run);
    } catch (error) {
      if (!(error instanceof GroupLost)) break;
    }
  }
  const answers: Answer[] = [];
  for (const write of writes) answers.push(await commitAlone(connection, write));
  return answers;
}
