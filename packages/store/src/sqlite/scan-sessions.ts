import { StoreError } from '../store-error.ts';
import { fromDriver } from './connection.ts';
import type { Connection, RowIterator } from './connection.ts';
import { openReadonly } from './open-database.ts';
import type { ReadReply, RowSet, ScanRequest } from './protocol.ts';
import { sqliteFailure } from './sqlite-failure.ts';

interface Session extends RowIterator {
  connection: Connection;
  pageSize: number;
}

export interface ScanSessions {
  answer(request: ScanRequest): ReadReply;
  closeAll(): void;
}

/**
 * Scans in progress. Each has a read-only connection of its own, so that it sees one snapshot while
 * the writer goes on, and a rolled-back group does not take it along.
 */
export function createScanSessions(file: string): ScanSessions {
  const sessions = new Map<number, Session>();

  function open(request: Extract<ScanRequest, { open: string }>): Session {
    const connection = openReadonly(file);
    try {
      const iterator = connection.iterate(request.open, request.params);
      const session = { ...iterator, connection, pageSize: request.pageSize };
      sessions.set(request.scan, session);
      return session;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  function page(session: Session): RowSet {
    const rows: RowSet['rows'] = [];
    while (rows.length < session.pageSize) {
      const step = session.rows.next();
      if (step.done === true) break;
      rows.push(step.value.map(fromDriver));
    }
    return { columns: session.columns, rows };
  }

  /** An unfinished statement pins its snapshot and the log behind it until it is interrupted. */
  function stop(scan: number): void {
    const session = sessions.get(scan);
    if (session === undefined) return;
    sessions.delete(scan);
    session.connection.interrupt();
    try {
      while (session.rows.next().done !== true);
    } catch {
      // The interrupted step is the expected end.
    }
    session.connection.close();
  }

  function rowsFor(request: ScanRequest): RowSet {
    if ('stop' in request) {
      stop(request.scan);
      return { columns: [], rows: [] };
    }
    const session = 'open' in request ? open(request) : sessions.get(request.scan);
    if (session === undefined) throw new StoreError('STORE_CLOSED', 'the scan was stopped');
    const rows = page(session);
    if (rows.rows.length < session.pageSize) stop(request.scan);
    return rows;
  }

  return {
    answer(request) {
      try {
        return [request.id, rowsFor(request)];
      } catch (error) {
        stop(request.scan);
        return [request.id, undefined, sqliteFailure(error, 'scanning')];
      }
    },
    closeAll() {
      for (const scan of sessions.keys()) stop(scan);
    },
  };
}
