import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderDdl } from '../dialect.ts';
import {
  migrationChecksum,
  migrationInsert,
  migrationSelect,
  migrationTable,
  planMigrations,
  requireCurrent,
} from '../migration-plan.ts';
import type { AppliedMigration, Migration } from '../migration-plan.ts';
import { StoreError } from '../store-error.ts';
import { openConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import type { WorkerOptions } from './protocol.ts';

export interface OpenDatabase {
  main: Connection;
  /** Held for as long as this process writes; the kernel of the OS drops it with the process. */
  lock: Connection | undefined;
}

/** `mode=ro` keeps the driver from writing, checkpointing and creating. */
export function openReadonly(file: string): Connection {
  const connection = openConnection(`${pathToFileURL(file).href}?mode=ro`);
  connection.exec('PRAGMA query_only = ON');
  configureReads(connection);
  return connection;
}

/** PostgreSQL's LIKE tells capitals apart; so does this one. */
function configureReads(connection: Connection): void {
  connection.exec('PRAGMA case_sensitive_like = ON');
  connection.exec('PRAGMA busy_timeout = 5000');
}

function takeLock(options: WorkerOptions): Connection {
  const lock = openConnection(options.lockFile);
  try {
    lock.exec(`PRAGMA busy_timeout = ${Math.max(0, Math.trunc(options.lockTimeoutMs))}`);
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if ((error as { rawCode?: number }).rawCode !== 5) throw error;
    throw new StoreError(
      'STORE_LOCKED',
      `another process writes ${options.file}: waited ${options.lockTimeoutMs} ms for it to leave`,
    );
  }
}

function configureWrites(connection: Connection, maxBytes: number | undefined): void {
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec('PRAGMA synchronous = FULL');
  connection.exec('PRAGMA foreign_keys = ON');
  connection.exec('PRAGMA wal_autocheckpoint = 2000');
  connection.exec('PRAGMA journal_size_limit = 33554432');
  if (maxBytes !== undefined) {
    const pageSize = Number(connection.rows('PRAGMA page_size').rows[0]?.[0]);
    connection.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
  }
}

function appliedMigrations(connection: Connection): AppliedMigration[] {
  return connection.rows(migrationSelect).rows.map(([version, name, checksum]) => ({
    version: Number(version),
    name: String(name),
    checksum: String(checksum),
  }));
}

function applyMigration(connection: Connection, migration: Migration): void {
  connection.run('BEGIN IMMEDIATE');
  try {
    for (const sql of migration.sql) connection.run(renderDdl(sql, 'sqlite'));
    connection.run(migrationInsert, [
      migration.version,
      migration.name,
      migrationChecksum(migration),
      new Date().toISOString(),
    ]);
    connection.run('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.run('ROLLBACK');
    const { code, message } = error as { code?: string; message: string };
    if (code === 'SQLITE_FULL' || code?.startsWith('SQLITE_IOERR')) throw error;
    throw new StoreError(
      'STORE_MIGRATION',
      `migration ${migration.version} '${migration.name}' failed: ${message}`,
    );
  }
}

/** A new file is only as durable as the directory entry that names it. */
function syncDirectory(file: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(file), 'r');
  fsyncSync(directory);
  closeSync(directory);
}

function openReader(options: WorkerOptions): OpenDatabase {
  if (!existsSync(options.file)) {
    throw new StoreError('STORE_IO', `no store at ${options.file}`);
  }
  const main = openReadonly(options.file);
  requireCurrent(options.migrations, appliedMigrations(main));
  return { main, lock: undefined };
}

function openWriter(options: WorkerOptions): OpenDatabase {
  mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 });
  const lock = takeLock(options);
  const isNew = !existsSync(options.file);
  const main = openConnection(options.file);
  configureReads(main);
  configureWrites(main, options.maxBytes);
  main.run(renderDdl(migrationTable, 'sqlite'));
  const pending = planMigrations(options.migrations, appliedMigrations(main));
  for (const migration of pending) applyMigration(main, migration);
  if (isNew) syncDirectory(options.file);
  return { main, lock };
}

export function openDatabase(options: WorkerOptions): OpenDatabase {
  return options.readonly ? openReader(options) : openWriter(options);
}
