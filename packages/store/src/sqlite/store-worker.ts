import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { Connection } from './connection.ts';
import { commitGroup } from './group-commit.ts';
import type { QueuedWrite } from './group-commit.ts';
import { openDatabase } from './open-database.ts';
import type { OpenDatabase } from './open-database.ts';
import type { ReadReply, Reply, Request, WireRead, WorkerOptions } from './protocol.ts';
import { createScanSessions } from './scan-sessions.ts';
import { sqliteFailure } from './sqlite-failure.ts';

/** Writes taken into one commit: bounds what a caller waits for and what a rollback costs. */
const groupLimit = 4096;

function read(connection: Connection, [id, sql, params]: WireRead): ReadReply {
  try {
    return [id, connection.rows(sql, params)];
  } catch (error) {
    return [id, undefined, sqliteFailure(error, 'reading')];
  }
}

/** Checkpoints, so that the next start has nothing to recover; a full disk does not stop a close. */
function closeDatabase({ main, lock }: OpenDatabase): void {
  try {
    if (lock !== undefined) main.rows('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // What is in the log stays there and is read at the next start.
  }
  main.close();
  lock?.exec('ROLLBACK');
  lock?.close();
}

function serve(port: MessagePort, options: WorkerOptions): void {
  const database = openDatabase(options);
  const scans = createScanSessions(options.file);
  const reply = (message: Reply) => port.postMessage(message);

  function commit(writes: QueuedWrite[]): void {
    for (let start = 0; start < writes.length; start += groupLimit) {
      const group = writes.slice(start, start + groupLimit);
      const began = performance.now();
      const replies = commitGroup(database.main, group);
      const commitMs = performance.now() - began;
      reply({ kind: 'committed', writes: replies, commitMs, batches: 1 });
    }
  }

  /** Everything that is waiting: what arrived during the last commit makes up the next one. */
  function takeQueued(first: Request): Request[] {
    const requests = [first];
    for (;;) {
      const next = receiveMessageOnPort(port) as { message: Request } | undefined;
      if (next === undefined) return requests;
      requests.push(next.message);
    }
  }

  port.on('message', (first: Request) => {
    const requests = takeQueued(first);
    const writes = requests.flatMap(({ sqls, writes: calls }) =>
      calls.map((write) => ({ sqls, write })),
    );
    if (writes.length > 0) commit(writes);
    const reads = requests.flatMap((request) => request.reads);
    const scanning = requests.flatMap((request) => request.scans);
    if (reads.length + scanning.length > 0) {
      const answers = reads.map((request) => read(database.main, request));
      for (const request of scanning) answers.push(scans.answer(request));
      reply({ kind: 'rows', reads: answers });
    }
    if (requests.some((request) => request.close)) {
      scans.closeAll();
      closeDatabase(database);
      reply({ kind: 'closed' });
      port.close();
    }
  });
  reply({ kind: 'ready' });
}

if (parentPort !== null) {
  try {
    serve(parentPort, workerData as WorkerOptions);
  } catch (error) {
    const options = workerData as WorkerOptions;
    const failure = sqliteFailure(error, `opening ${options.file}`);
    parentPort.postMessage({ kind: 'refused', failure } satisfies Reply);
    parentPort.close();
  }
}
