import { Worker } from 'node:worker_threads';
import type { BoundStatement } from '../bound-write.ts';
import { StoreError } from '../store-error.ts';
import type {
  Reply,
  Request,
  RowSet,
  ScanRequest,
  WireFailure,
  WireStatement,
  WorkerOptions,
  WriteOutcome,
} from './protocol.ts';
import type { BoundValue } from '../sql-values.ts';

interface Pending<T> {
  resolve(value: T): void;
  reject(error: StoreError): void;
}

/** `Omit` that keeps the members of a union apart. */
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

export interface LinkStats {
  batches: number;
  writes: number;
  rejected: number;
  queueDepth: number;
  lastCommitMs: number | undefined;
}

/** The store's side of the worker: numbers calls, gathers them per turn, resolves the answers. */
export interface WorkerLink {
  write(statements: readonly BoundStatement[]): Promise<WriteOutcome>;
  read(sql: string, params: readonly BoundValue[]): Promise<RowSet>;
  scan(request: WithoutId<ScanRequest>): Promise<RowSet>;
  close(): Promise<void>;
  stats(): LinkStats;
}

/** Keeps the second heap small; the ceiling is only met by a read that should have been a scan. */
const resourceLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512 };

const emptyRequest = (): Request => ({ sqls: [], writes: [], reads: [], scans: [], close: false });

function toError(failure: WireFailure | undefined): StoreError {
  return new StoreError(failure?.code ?? 'STORE_IO', failure?.message ?? 'no answer');
}

export async function openWorkerLink(url: URL, options: WorkerOptions): Promise<WorkerLink> {
  const worker = new Worker(url, { workerData: options, resourceLimits, execArgv: [] });
  const writes = new Map<number, Pending<WriteOutcome>>();
  const reads = new Map<number, Pending<RowSet>>();
  const stats = {
    batches: 0,
    writes: 0,
    rejected: 0,
    lastCommitMs: undefined as number | undefined,
  };
  let lastId = 0;
  let outgoing: Request | undefined;
  let sqlIndex = new Map<string, number>();
  let dead: StoreError | undefined;
  let closing: Promise<void> | undefined;

  function send(): void {
    const message = outgoing;
    outgoing = undefined;
    sqlIndex = new Map();
    if (message !== undefined && dead === undefined) worker.postMessage(message);
  }

  /** Sent when the microtasks of this turn are done, so that callers woken together go together. */
  function gather(): Request {
    if (outgoing === undefined) {
      outgoing = emptyRequest();
      queueMicrotask(() => process.nextTick(send));
    }
    return outgoing;
  }

  function wire(request: Request, { text, runs, expect }: BoundStatement): WireStatement {
    let sql = sqlIndex.get(text.sql);
    if (sql === undefined) {
      sql = request.sqls.push(text.sql) - 1;
      sqlIndex.set(text.sql, sql);
    }
    const changing = text.verb !== 'SELECT' && text.verb !== 'VALUES';
    return [sql, text.returning, changing, expect ?? -1, runs];
  }

  function settle<T>(
    pending: Map<number, Pending<T>>,
    id: number,
    value: T | undefined,
    failure?: WireFailure,
  ): void {
    const call = pending.get(id);
    pending.delete(id);
    if (value === undefined) call?.reject(toError(failure));
    else call?.resolve(value);
  }

  function receive(message: Reply): void {
    if (message.kind === 'committed') {
      stats.batches += message.batches;
      stats.lastCommitMs = message.commitMs;
      for (const [id, outcome, failure] of message.writes) {
        if (outcome === undefined) stats.rejected++;
        else stats.writes++;
        settle(writes, id, outcome, failure);
      }
    } else if (message.kind === 'rows') {
      for (const [id, rows, failure] of message.reads) settle(reads, id, rows, failure);
    }
  }

  function die(cause: unknown): void {
    dead ??= new StoreError('STORE_CLOSED', 'the store is closed', cause);
    const lost = new StoreError('STORE_UNKNOWN', 'the store stopped before it answered', cause);
    for (const call of writes.values()) call.reject(lost);
    for (const call of reads.values()) call.reject(dead);
    writes.clear();
    reads.clear();
  }

  function ask<T>(pending: Map<number, Pending<T>>, put: (id: number, to: Request) => void) {
    return new Promise<T>((resolve, reject) => {
      if (dead !== undefined || closing !== undefined) {
        reject(dead ?? new StoreError('STORE_CLOSED', 'the store is closed'));
        return;
      }
      const id = ++lastId;
      pending.set(id, { resolve, reject });
      put(id, gather());
    });
  }

  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      die(undefined);
      resolve();
    });
  });
  worker.on('error', die);

  await new Promise<void>((resolve, reject) => {
    worker.once('message', (message: Reply) => {
      if (message.kind === 'ready') resolve();
      else reject(message.kind === 'refused' ? toError(message.failure) : toError(undefined));
    });
    void exited.then(() =>
      reject(new StoreError('STORE_IO', `the worker did not start: ${url.pathname}`, dead?.cause)),
    );
  });
  worker.on('message', receive);

  return {
    write: (statements) =>
      ask(writes, (id, to) => {
        to.writes.push([id, statements.map((statement) => wire(to, statement))]);
      }),
    read: (sql, params) => ask(reads, (id, to) => to.reads.push([id, sql, params])),
    scan: (request) => ask(reads, (id, to) => to.scans.push({ ...request, id })),
    close() {
      if (closing === undefined) {
        gather().close = true;
        closing = exited;
      }
      return closing;
    },
    stats: () => ({ ...stats, queueDepth: writes.size }),
  };
}
