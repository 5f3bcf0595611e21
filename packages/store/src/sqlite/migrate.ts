import { renderDdl } from '../dialect.ts';
import {
  migrationChecksum,
  migrationInsert,
  migrationSelect,
  migrationTable,
  planMigrations,
} from '../migration-plan.ts';
import type { AppliedMigration, Migration } from '../migration-plan.ts';
import { StoreError } from '../store-error.ts';
import type { Connection } from './connection.ts';

export function appliedMigrations(connection: Connection): AppliedMigration[] {
  return connection.rows(migrationSelect) as unknown as AppliedMigration[];
}

function applyMigration(connection: Connection, migration: Migration): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const sql of migration.sql) connection.exec(renderDdl(sql, 'sqlite'));
    connection.run(migrationInsert, [
      migration.version,
      migration.name,
      migrationChecksum(migration),
      new Date().toISOString(),
    ]);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    const { code, message } = error as { code?: string; message: string };
    if (code === 'SQLITE_FULL' || code?.startsWith('SQLITE_IOERR')) throw error;
    throw new StoreError(
      'STORE_MIGRATION',
      `migration ${migration.version} '${migration.name}' failed: ${message}`,
    );
  }
}

export function migrate(connection: Connection, migrations: readonly Migration[]): void {
  connection.exec(renderDdl(migrationTable, 'sqlite'));
  const pending = planMigrations(migrations, appliedMigrations(connection));
  for (const migration of pending) applyMigration(connection, migration);
}
