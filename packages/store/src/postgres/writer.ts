import { setTimeout as delay } from 'node:timers/promises';
import type { BoundStatement } from '../bound-write.ts';
import { StoreError, isStoreError } from '../store-error.ts';
import type { WriteResult } from '../store.ts';
import { ConnectionLost, commitGroup } from './group-commit.ts';
import type { Session } from './session.ts';

interface QueuedWrite {
  statements: readonly BoundStatement[];
  resolve(result: WriteResult): void;
  reject(error: StoreError): void;
}

export interface WriterOptions {
  /** A session that holds the writer's lock. */
  connect(): Promise<Session>;
  toError(error: unknown, doing: string): StoreError;
  onReconnect(): void;
}

export interface Writer {
  write(statements: readonly BoundStatement[]): Promise<WriteResult>;
  close(): Promise<void>;
  stats(): {
    batches: number;
    writes: number;
    rejected: number;
    queueDepth: number;
    lastCommitMs: number | undefined;
  };
}

/** Executions taken into one commit, and how long queued writes wait for a server that is away. */
const groupLimit = 1024;
const reconnectMs = 10_000;

/** One connection; whatever is queued while a commit runs makes up the next one. */
export function createWriter(first: Session, options: WriterOptions): Writer {
  const queue: QueuedWrite[] = [];
  const stats = {
    batches: 0,
    writes: 0,
    rejected: 0,
    lastCommitMs: undefined as number | undefined,
  };
  let session: Session | undefined = first;
  let pumping: Promise<void> | undefined;
  let inFlight = 0;
  let closed = false;

  function rejectAll(items: readonly QueuedWrite[], error: StoreError): void {
    stats.rejected += items.length;
    for (const item of items) item.reject(error);
  }

  async function connected(): Promise<Session> {
    if (session !== undefined && !session.lost) return session;
    session = undefined;
    const giveUp = Date.now() + reconnectMs;
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1000)) {
      try {
        session = await options.connect();
        options.onReconnect();
        return session;
      } catch (error) {
        const final = isStoreError(error) || Date.now() + waitMs > giveUp;
        if (final) throw options.toError(error, 'reconnecting');
        await delay(waitMs);
      }
    }
  }

  async function commitNext(current: Session): Promise<void> {
    const group = queue.splice(0, groupLimit);
    inFlight = group.length;
    const began = performance.now();
    try {
      const answers = await commitGroup(
        current,
        group.map((item) => item.statements),
      );
      stats.batches++;
      stats.lastCommitMs = performance.now() - began;
      group.forEach((item, index) => {
        const answer = answers[index];
        if (answer !== undefined && 'result' in answer) {
          stats.writes++;
          item.resolve(answer.result);
        } else rejectAll([item], options.toError(answer?.error, 'writing'));
      });
    } catch (error) {
      const unknown = !(error instanceof ConnectionLost) || error.commitSent;
      session = undefined;
      void current.end().catch(() => undefined);
      rejectAll(
        group,
        unknown
          ? new StoreError(
              'STORE_UNKNOWN',
              'the connection was lost before the commit was answered',
            )
          : new StoreError('STORE_IO', 'the connection was lost before the commit'),
      );
    }
    inFlight = 0;
  }

  async function pump(): Promise<void> {
    while (queue.length > 0) {
      try {
        await commitNext(await connected());
      } catch (error) {
        rejectAll(queue.splice(0), options.toError(error, 'reconnecting'));
      }
    }
    pumping = undefined;
  }

  /** Started when the microtasks of this turn are done, so that callers woken together go together. */
  function wake(): void {
    pumping ??= new Promise<void>((resolve) => {
      queueMicrotask(() => process.nextTick(() => resolve(pump())));
    });
  }

  return {
    write: (statements) =>
      new Promise((resolve, reject) => {
        if (closed) {
          reject(new StoreError('STORE_CLOSED', 'the store is closed'));
          return;
        }
        queue.push({ statements, resolve, reject });
        wake();
      }),
    async close() {
      closed = true;
      await pumping;
      const last = session;
      session = undefined;
      if (last !== undefined && !last.lost) await last.end();
    },
    stats: () => ({ ...stats, queueDepth: queue.length + inFlight }),
  };
}
