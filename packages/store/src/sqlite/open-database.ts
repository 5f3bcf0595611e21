import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireCurrent } from '../migration-plan.ts';
import type { Migration } from '../migration-plan.ts';
import { StoreError } from '../store-error.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { appliedMigrations, migrate } from './migrate.ts';
import { takeWriterLock } from './writer-lock.ts';

export interface DatabaseOptions {
  file: string;
  lockFile: string;
  readonly: boolean;
  lockTimeoutMs: number;
  maxBytes: number | undefined;
  migrations: readonly Migration[];
}

export interface OpenDatabase {
  connection: Connection;
  close(): Promise<void>;
}

/**
 * PostgreSQL's LIKE tells capitals apart; so does this one. What a connection may have to wait for
 * is another process that recovers the log, which is short; the event loop waits with it.
 */
function configure(connection: Connection): void {
  connection.exec('PRAGMA case_sensitive_like = ON; PRAGMA busy_timeout = 1000');
}

/** `mode=ro` keeps the driver from writing, checkpointing and creating. */
export function openReadonly(file: string): Connection {
  const connection = openConnection(`${pathToFileURL(file).href}?mode=ro`);
  connection.exec('PRAGMA query_only = ON');
  configure(connection);
  return connection;
}

/** The log is copied into the file every 2000 pages, inside a COMMIT and so off the event loop. */
function configureWrites(connection: Connection, maxBytes: number | undefined): void {
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec(
    'PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; ' +
      'PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 33554432',
  );
  if (maxBytes !== undefined) {
    const pageSize = Number(connection.rows('PRAGMA page_size')[0]?.['page_size']);
    connection.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
  }
}

/** A new file is only as durable as the directory entry that names it. */
function syncDirectory(file: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(file), 'r');
  fsyncSync(directory);
  closeSync(directory);
}

function openReader({ file, migrations }: DatabaseOptions): OpenDatabase {
  if (!existsSync(file)) throw new StoreError('STORE_IO', `no store at ${file}`);
  const connection = openReadonly(file);
  try {
    requireCurrent(migrations, appliedMigrations(connection));
  } catch (error) {
    connection.close();
    throw error;
  }
  return { connection, close: () => Promise.resolve(connection.close()) };
}

function openMain({ file, maxBytes, migrations }: DatabaseOptions): Connection {
  const isNew = !existsSync(file);
  const connection = openConnection(file);
  try {
    configure(connection);
    configureWrites(connection, maxBytes);
    migrate(connection, migrations);
    if (isNew) syncDirectory(file);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Checkpoints, so that the next start has nothing to recover; a full disk does not stop a close. */
async function closeMain(connection: Connection): Promise<void> {
  try {
    await connection.runAside('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // What is in the log stays there and is read at the next start.
  }
  connection.close();
}

async function openWriter(options: DatabaseOptions): Promise<OpenDatabase> {
  mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 });
  const lock = await takeWriterLock(options.lockFile, options.lockTimeoutMs);
  try {
    const connection = openMain(options);
    return { connection, close: () => closeMain(connection).finally(() => lock.release()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  return options.readonly ? openReader(options) : openWriter(options);
}
