import { join } from 'node:path';
import { bindWrite } from '../bound-write.ts';
import { bindValues } from '../sql-values.ts';
import { readText } from '../statement-text.ts';
import { StoreError } from '../store-error.ts';
import type { SqlValue, Store, StoreOptions } from '../store.ts';
import { openDatabase, openReadonly } from './open-database.ts';
import type { DatabaseOptions, OpenDatabase } from './open-database.ts';
import { createScans } from './scans.ts';
import { sqliteFailure } from './sqlite-failure.ts';
import { createWriter } from './writer.ts';

const bind = (sql: string, params: readonly SqlValue[] | undefined) =>
  bindValues(params, readText(sql).placeholders);

async function open(options: DatabaseOptions): Promise<OpenDatabase> {
  try {
    return await openDatabase(options);
  } catch (error) {
    throw sqliteFailure(error, `opening ${options.file}`);
  }
}

/**
 * One file, one connection, used from the event loop; only what waits for the disk, the COMMIT with
 * its checkpoints, runs aside. See ARCHITECTURE.md section 5.
 */
export async function openSqliteStore(options: StoreOptions): Promise<Store> {
  const file = join(options.dir, `${options.kernel}.db`);
  const database = await open({
    file,
    lockFile: join(options.dir, `${options.kernel}.lock.db`),
    readonly: options.readonly ?? false,
    lockTimeoutMs: options.lockTimeoutMs ?? 5000,
    maxBytes: options.maxBytes,
    migrations: options.migrations,
  });
  const writer = createWriter(database.connection);
  const scans = createScans(() => openReadonly(file));
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await writer.close();
    scans.close();
    await database.close();
  }

  return {
    engine: 'sqlite',
    async write(statements) {
      if (options.readonly === true)
        throw new StoreError('STORE_SQL', 'write on a read-only store');
      return writer.write(bindWrite(statements));
    },
    async read<T>(sql: string, params?: readonly SqlValue[]) {
      return (await writer.read(sql, bind(sql, params))) as T[];
    },
    async *scan<T>(sql: string, params?: readonly SqlValue[], pageSize = 1000) {
      yield* scans.pages(sql, bind(sql, params), pageSize) as AsyncIterable<T[]>;
    },
    close: () => (closing ??= close()),
    stats: () => ({ engine: 'sqlite', ...writer.stats(), notes: [] }),
  };
}
