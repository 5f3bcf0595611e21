import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BoundValue } from '../sql-values.ts';
import { StoreError } from '../store-error.ts';
import type { Row } from '../store.ts';
import type { Connection } from './connection.ts';
import { sqliteFailure } from './sqlite-failure.ts';

interface Scan {
  connection: Connection;
  rows: Iterator<Row>;
  stopped: boolean;
}

export interface Scans {
  pages(sql: string, params: readonly BoundValue[], pageSize: number): AsyncGenerator<Row[]>;
  /** Ends the scans in progress: their next page is refused. */
  close(): void;
}

function takePage(scan: Scan, pageSize: number): Row[] {
  const page: Row[] = [];
  while (page.length < pageSize) {
    const step = scan.rows.next();
    if (step.done === true) break;
    page.push(step.value);
  }
  return page;
}

/** An unfinished statement pins its snapshot and the log behind it until it is interrupted. */
function finish({ connection, rows }: Scan): void {
  connection.interrupt();
  try {
    while (rows.next().done !== true);
  } catch {
    // The interrupted step is the expected end.
  }
}

/**
 * Each scan has a read-only connection to itself, so that it sees one snapshot while the writer
 * goes on, and a rolled-back group does not take it along. One such connection is kept for the
 * next scan, because the files of a closed one stay open until its statements are collected.
 */
export function createScans(connect: () => Connection): Scans {
  const running = new Set<Scan>();
  let spare: Connection | undefined;
  let closed = false;

  function begin(sql: string, params: readonly BoundValue[]): Scan {
    if (closed) throw new StoreError('STORE_CLOSED', 'the store is closed');
    const connection = spare ?? connect();
    spare = undefined;
    const scan = { connection, rows: connection.iterate(sql, params), stopped: false };
    running.add(scan);
    return scan;
  }

  function end(scan: Scan): void {
    if (!running.delete(scan)) return;
    scan.stopped = true;
    finish(scan);
    if (closed || spare !== undefined) scan.connection.close();
    else {
      spare = scan.connection;
      spare.exec('PRAGMA shrink_memory');
    }
  }

  function nextPage(scan: Scan, pageSize: number): Row[] {
    if (scan.stopped) throw new StoreError('STORE_CLOSED', 'the store is closed');
    try {
      return takePage(scan, pageSize);
    } catch (error) {
      throw sqliteFailure(error, 'scanning');
    }
  }

  function start(sql: string, params: readonly BoundValue[]): Scan {
    try {
      return begin(sql, params);
    } catch (error) {
      throw sqliteFailure(error, 'scanning');
    }
  }

  return {
    async *pages(sql, params, pageSize) {
      const scan = start(sql, params);
      try {
        for (;;) {
          const page = nextPage(scan, pageSize);
          if (page.length > 0) yield page;
          if (page.length < pageSize) return;
          await nextTurn();
        }
      } finally {
        end(scan);
      }
    },
    close() {
      closed = true;
      for (const scan of running) end(scan);
      spare?.close();
      spare = undefined;
    },
  };
}
