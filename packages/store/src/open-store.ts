import { StoreError } from './store-error.ts';
import type { Store, StoreOptions } from './store.ts';

const kernelName = /^[a-z][a-z0-9_]{0,39}$/;

/**
 * Opens the one durable store of a kernel: takes the writer's lock, migrates, and is ready.
 * The engine that is not asked for is never loaded. Rejects with StoreError.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (!kernelName.test(options.kernel)) {
    throw new StoreError('STORE_SQL', `kernel name '${options.kernel}', expected a-z, 0-9 and _`);
  }
  if (options.databaseUrl !== undefined && options.databaseUrl !== '') {
    const { openPostgresStore } = await import('./postgres/postgres-store.ts');
    return openPostgresStore(options, options.databaseUrl);
  }
  const { openSqliteStore } = await import('./sqlite/sqlite-store.ts');
  return openSqliteStore(options);
}

/** Loads the engine that needs no server, native driver included, before a store is opened. */
export async function preloadEngine(): Promise<void> {
  await import('./sqlite/sqlite-store.ts');
}
