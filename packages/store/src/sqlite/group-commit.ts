import { isStoreError } from '../store-error.ts';
import type { Connection } from './connection.ts';
import type { WireWrite, WriteReply } from './protocol.ts';
import { runWrite } from './run-write.ts';
import { sqliteFailure } from './sqlite-failure.ts';

/** A write with the texts its statements point into. */
export interface QueuedWrite {
  sqls: readonly string[];
  write: WireWrite;
}

/** The group could not be committed as one; nothing of it is left. */
class GroupLost extends Error {}

function rollBack(connection: Connection): void {
  if (connection.inTransaction) connection.run('ROLLBACK');
}

function failed(item: QueuedWrite, error: unknown): WriteReply {
  return [item.write[0], undefined, sqliteFailure(error, 'writing')];
}

/**
 * The fast path: no savepoints. A write that fails before it changed anything is refused alone; one
 * that fails later, or whose returned rows cannot be read, would leave a part of itself behind, so
 * the group is given up and redone with care.
 */
function runPlainly(connection: Connection, items: readonly QueuedWrite[]): WriteReply[] {
  return items.map((item) => {
    const progress = { changed: 0 };
    try {
      return [item.write[0], runWrite(connection, item.sqls, item.write, progress)];
    } catch (error) {
      const hasChanged = progress.changed > 0 || isStoreError(error, 'STORE_VALUE');
      if (hasChanged || !connection.inTransaction) throw new GroupLost();
      return failed(item, error);
    }
  });
}

function runWithSavepoints(connection: Connection, items: readonly QueuedWrite[]): WriteReply[] {
  return items.map((item) => {
    connection.run('SAVEPOINT caller');
    try {
      const outcome = runWrite(connection, item.sqls, item.write, { changed: 0 });
      connection.run('RELEASE caller');
      return [item.write[0], outcome];
    } catch (error) {
      if (!connection.inTransaction) throw items.length > 1 ? new GroupLost() : error;
      connection.run('ROLLBACK TO caller');
      connection.run('RELEASE caller');
      return failed(item, error);
    }
  });
}

type RunAll = (connection: Connection, items: readonly QueuedWrite[]) => WriteReply[];

function inTransaction(connection: Connection, items: readonly QueuedWrite[], run: RunAll) {
  connection.run('BEGIN IMMEDIATE');
  try {
    const replies = run(connection, items);
    connection.run('COMMIT');
    return replies;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** One transaction for one caller: its fate is its own, whatever the disk does. */
function commitAlone(connection: Connection, item: QueuedWrite): WriteReply {
  try {
    return inTransaction(connection, [item], runWithSavepoints)[0] as WriteReply;
  } catch (error) {
    return failed(item, error);
  }
}

/**
 * Commits a group in one transaction and answers each caller; on return everything answered as
 * done is on stable storage. A full disk or a failed commit takes the whole transaction with it, so
 * then each caller gets a transaction of its own.
 */
export function commitGroup(connection: Connection, items: readonly QueuedWrite[]): WriteReply[] {
  for (const run of [runPlainly, runWithSavepoints]) {
    try {
      return inTransaction(connection, items, run);
    } catch (error) {
      if (!(error instanceof GroupLost)) break;
    }
  }
  return items.map((item) => commitAlone(connection, item));
}
