import type { BoundStatement } from '../bound-write.ts';
import { StoreError } from '../store-error.ts';
import type { Row, WriteResult } from '../store.ts';
import type { Connection } from './connection.ts';
import { commitGroup } from './group-commit.ts';
import type { Write } from './group-commit.ts';
import { sqliteFailure } from './sqlite-failure.ts';
import type { BoundValue } from '../sql-values.ts';

interface Pending<T> {
  resolve(value: T): void;
  reject(error: StoreError): void;
}

interface QueuedWrite extends Pending<WriteResult> {
  statements: Write;
}

/** Rows taken into one commit: bounds how long its statements keep the event loop. */
const groupRows = 512;

/** Reads answered before the event loop gets a turn. */
const readsPerTurn = 200;

const rowsOf = (write: Write): number =>
  write.reduce((sum: number, { runs }: BoundStatement) => sum + runs.length, 0);

/** The turns of the one connection: groups of writes, and reads whenever no commit is in flight. */
export interface Writer {
  write(statements: Write): Promise<WriteResult>;
  read(sql: string, params: readonly BoundValue[]): Promise<Row[]>;
  /** Refuses what comes from now on; resolves when everything accepted is answered. */
  close(): Promise<void>;
  stats(): {
    batches: number;
    writes: number;
    rejected: number;
    queueDepth: number;
    lastCommitMs: number | undefined;
  };
}

/** Resolves when the microtasks of this turn are done, so that callers woken together go together. */
const endOfTurn = (): Promise<void> =>
  new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));

export function createWriter(connection: Connection): Writer {
  const stats = {
    batches: 0,
    writes: 0,
    rejected: 0,
    lastCommitMs: undefined as number | undefined,
  };
  let queue: QueuedWrite[] = [];
  let waitingReads: (() => void)[] = [];
  let inFlight = 0;
  let pumping: Promise<void> | undefined;
  let closed = false;
  let readsThisTurn = 0;

  function takeGroup(): QueuedWrite[] {
    let rows = 0;
    let count = 0;
    while (count < queue.length && (count === 0 || rows < groupRows)) {
      rows += rowsOf((queue[count++] as QueuedWrite).statements);
    }
    const group = queue.slice(0, count);
    queue = queue.slice(count);
    return group;
  }

  async function commitNext(): Promise<void> {
    const group = takeGroup();
    inFlight = group.length;
    const began = performance.now();
    const answers = await commitGroup(
      connection,
      group.map((item) => item.statements),
    );
    stats.batches++;
    stats.lastCommitMs = performance.now() - began;
    inFlight = 0;
    group.forEach((item, index) => {
      const answer = answers[index] as WriteResult | StoreError;
      if (answer instanceof StoreError) {
        stats.rejected++;
        item.reject(answer);
      } else {
        stats.writes++;
        item.resolve(answer);
      }
    });
    const reads = waitingReads;
    waitingReads = [];
    for (const run of reads) run();
  }

  async function pump(): Promise<void> {
    await endOfTurn();
    while (queue.length > 0) {
      await commitNext();
      await endOfTurn();
    }
    pumping = undefined;
  }

  /** A loop of reads would otherwise live on microtasks alone and let no timer, socket or commit have its turn. */
  function mayReadThisTurn(): boolean {
    if (readsThisTurn === 0) setImmediate(() => (readsThisTurn = 0));
    readsThisTurn++;
    return readsThisTurn <= readsPerTurn;
  }

  const refusal = () => Promise.reject(new StoreError('STORE_CLOSED', 'the store is closed'));

  function readNow(sql: string, params: readonly BoundValue[], to: Pending<Row[]>): void {
    try {
      to.resolve(connection.rows(sql, params));
    } catch (error) {
      to.reject(sqliteFailure(error, 'reading'));
    }
  }

  return {
    write(statements) {
      if (closed) return refusal();
      return new Promise((resolve, reject) => {
        queue.push({ statements, resolve, reject });
        pumping ??= pump();
      });
    },
    read(sql, params) {
      if (closed) return refusal();
      return new Promise((resolve, reject) => {
        const run = () => readNow(sql, params, { resolve, reject });
        if (inFlight > 0) waitingReads.push(run);
        else if (mayReadThisTurn()) run();
        else setImmediate(() => (inFlight > 0 ? waitingReads.push(run) : run()));
      });
    },
    async close() {
      closed = true;
      await pumping;
    },
    stats: () => ({ ...stats, queueDepth: queue.length + inFlight }),
  };
}
