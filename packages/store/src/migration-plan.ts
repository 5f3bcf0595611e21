import { createHash } from 'node:crypto';
import { StoreError } from './store-error.ts';

/** What only one engine can say, such as a full-text index: taken as it is, without macros. */
export interface EngineSql {
  sqlite: string;
  postgres: string;
}

/**
 * A numbered step of the schema, written once: `{identity}`, `{blob}`, `{bigint}`, `{bool}` stand
 * for what differs, and types are written in capitals (see dialect.ts); an EngineSql where the
 * engines have nothing in common. Never changed once released.
 */
export interface Migration {
  version: number;
  name: string;
  sql: readonly (string | EngineSql)[];
}

export interface AppliedMigration {
  version: number;
  name: string;
  checksum: string;
}

/** The same in both engines' SQL; created before anything else. */
export const migrationTable =
  'CREATE TABLE IF NOT EXISTS holdfast_migrations ' +
  '(version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL)';

export const migrationInsert =
  'INSERT INTO holdfast_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)';

export const migrationSelect =
  'SELECT version, name, checksum FROM holdfast_migrations ORDER BY version';

export function migrationChecksum(migration: Migration): string {
  const text = JSON.stringify([migration.version, migration.sql]);
  return createHash('sha256').update(text).digest('hex');
}

function refuse(message: string): never {
  throw new StoreError('STORE_MIGRATION', message);
}

const latest = (rows: readonly { version: number }[]): number =>
  Math.max(0, ...rows.map((row) => row.version));

function refuseUnordered(migrations: readonly Migration[]): void {
  migrations.forEach((migration, index) => {
    const before = migrations[index - 1]?.version ?? 0;
    if (migration.version <= before) {
      refuse(`migration '${migration.name}' is number ${migration.version}, after ${before}`);
    }
  });
}

function refuseNewerDatabase(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): void {
  if (latest(applied) <= latest(migrations)) return;
  refuse(
    `the database is at version ${latest(applied)}, this program knows ${latest(migrations)}: ` +
      'use the newer program',
  );
}

function refuseChanged(migration: Migration, row: AppliedMigration): void {
  if (row.checksum === migrationChecksum(migration)) return;
  refuse(`migration ${row.version} '${row.name}' was changed after it was applied`);
}

/**
 * What is left to run, in order. Numbers grow but may have gaps, so that several parts of a program
 * can number their own. Refuses a database that is newer than the list, a recorded migration that
 * the list does not have, and one whose SQL changed after it was applied.
 */
export function planMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration[] {
  refuseUnordered(migrations);
  refuseNewerDatabase(migrations, applied);
  for (const row of applied) {
    const migration = migrations.find(({ version }) => version === row.version);
    if (migration === undefined)
      return refuse(`the database records an unknown migration ${row.version}`);
    refuseChanged(migration, row);
  }
  const done = new Set(applied.map((row) => row.version));
  return migrations.filter(({ version }) => !done.has(version));
}

/**
 * For a reader, which may not migrate and may know only the tables that it reads: refuses a
 * database where one of its migrations is missing or other, and one that is newer.
 */
export function requireCurrent(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): void {
  refuseNewerDatabase(migrations, applied);
  for (const migration of migrations) {
    const row = applied.find(({ version }) => version === migration.version);
    if (row === undefined) {
      return refuse(`migration ${migration.version} is missing: it is run when its kernel starts`);
    }
    refuseChanged(migration, row);
  }
}
