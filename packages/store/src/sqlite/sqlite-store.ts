import { join } from 'node:path';
import { bindWrite } from '../bound-write.ts';
import { bindValues } from '../sql-values.ts';
import { readText } from '../statement-text.ts';
import { StoreError } from '../store-error.ts';
import type { Row, Statement, Store, StoreOptions, WriteResult } from '../store.ts';
import type { RowSet, WriteOutcome } from './protocol.ts';
import { openWorkerLink } from './worker-link.ts';
import type { WorkerLink } from './worker-link.ts';
import { resolveWorker } from './worker-source.ts';

function toRows(set: RowSet | undefined): Row[] {
  if (set === undefined) return [];
  return set.rows.map((values) => {
    const row: Row = {};
    set.columns.forEach((column, index) => {
      row[column] = values[index] ?? null;
    });
    return row;
  });
}

function toResult(outcome: WriteOutcome): WriteResult {
  return { changes: outcome.changes, rows: outcome.rows.map(toRows) };
}

async function* scanPages<T>(
  link: WorkerLink,
  scan: number,
  sql: string,
  params: Parameters<typeof bindValues>[0],
  pageSize: number,
): AsyncIterable<T[]> {
  const text = readText(sql);
  const bound = bindValues(params, text.placeholders);
  let finished = false;
  try {
    let page = await link.scan({ open: sql, params: bound, pageSize, scan });
    while (page.rows.length > 0) {
      finished = page.rows.length < pageSize;
      yield toRows(page) as T[];
      if (finished) return;
      page = await link.scan({ next: true, scan });
    }
    finished = true;
  } catch (error) {
    finished = true;
    throw error;
  } finally {
    // A store that was closed meanwhile has stopped the scan itself.
    if (!finished) await link.scan({ stop: true, scan }).catch(() => undefined);
  }
}

/** One file, one writer connection in one worker thread; see ARCHITECTURE.md section 5. */
export async function openSqliteStore(options: StoreOptions): Promise<Store> {
  const link = await openWorkerLink(options.workerUrl ?? (await resolveWorker()), {
    file: join(options.dir, `${options.kernel}.db`),
    lockFile: join(options.dir, `${options.kernel}.lock.db`),
    readonly: options.readonly ?? false,
    lockTimeoutMs: options.lockTimeoutMs ?? 5000,
    maxBytes: options.maxBytes,
    migrations: options.migrations,
  });
  let scans = 0;
  return {
    engine: 'sqlite',
    async write(statements: readonly Statement[]) {
      if (options.readonly === true)
        throw new StoreError('STORE_SQL', 'write on a read-only store');
      return toResult(await link.write(bindWrite(statements)));
    },
    async read<T>(sql: string, params?: Parameters<typeof bindValues>[0]) {
      const bound = bindValues(params, readText(sql).placeholders);
      return toRows(await link.read(sql, bound)) as T[];
    },
    scan: (sql, params, pageSize = 1000) => scanPages(link, ++scans, sql, params, pageSize),
    close: () => link.close(),
    stats: () => ({ engine: 'sqlite', ...link.stats(), notes: [] }),
  };
}
