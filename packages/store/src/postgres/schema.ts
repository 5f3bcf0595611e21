import { createHash } from 'node:crypto';
import { renderDdl } from '../dialect.ts';
import {
  migrationChecksum,
  migrationInsert,
  migrationSelect,
  migrationTable,
  planMigrations,
} from '../migration-plan.ts';
import type { AppliedMigration, Migration } from '../migration-plan.ts';
import { statementText } from '../statement-text.ts';
import { StoreError } from '../store-error.ts';
import { isConnectionLoss } from './postgres-failure.ts';
import type { Session } from './session.ts';

export function schemaName(kernel: string): string {
  return `holdfast_${kernel}`;
}

/** Two 32-bit keys: a constant of this program and a hash of what is locked. */
function lockKeys(name: string): [number, number] {
  return [0x486f6c64, createHash('sha256').update(name).digest().readInt32BE(0)];
}

async function takeLock(
  session: Session,
  schema: string,
  timeoutMs: number,
  lock: { how: 'pg_advisory_lock' | 'pg_advisory_lock_shared'; name: string },
): Promise<void> {
  await session.query(`SET lock_timeout = ${Math.max(1, Math.trunc(timeoutMs))}`);
  try {
    await session.query(`SELECT ${lock.how}($1::int, $2::int)`, lockKeys(lock.name));
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error;
    throw new StoreError(
      'STORE_LOCKED',
      `another process writes schema ${schema}: waited ${timeoutMs} ms for it to leave`,
    );
  }
  await session.query('SET lock_timeout = 0');
}

/**
 * The lock lives and dies with the connection. Rejects with STORE_LOCKED after the wait. `shared`:
 * beside others of its kind, which keep out only a writer that wants to be alone.
 */
export function takeWriterLock(
  session: Session,
  schema: string,
  timeoutMs: number,
  shared: boolean,
): Promise<void> {
  const how = shared ? 'pg_advisory_lock_shared' : 'pg_advisory_lock';
  return takeLock(session, schema, timeoutMs, { how, name: schema });
}

/** Keeps other writers of a shared schema out while one sets it up. */
export async function alone(
  session: Session,
  schema: string,
  timeoutMs: number,
  work: () => Promise<void>,
): Promise<void> {
  const name = `${schema}:setup`;
  await takeLock(session, schema, timeoutMs, { how: 'pg_advisory_lock', name });
  await work();
  await session.query('SELECT pg_advisory_unlock($1::int, $2::int)', lockKeys(name));
}

/** Weaker settings than `on` acknowledge before the commit is on disk or on its standby. */
export async function enforceDurability(session: Session): Promise<string[]> {
  const [setting] = (await session.query('SHOW synchronous_commit')).rows;
  const value = setting?.['synchronous_commit'];
  if (value !== 'on' && value !== 'remote_apply')
    await session.query('SET synchronous_commit = on');
  const [fsync] = (await session.query('SHOW fsync')).rows;
  return fsync?.['fsync'] === 'on'
    ? []
    : ['the server runs with fsync = off: acknowledged data is lost when its machine fails'];
}

async function succeeds(session: Session, sql: string): Promise<boolean> {
  try {
    await session.query(sql);
    return true;
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    return false;
  }
}

/** Works as the kernel's own role where the login may; false leaves the login's own role. */
export async function assumeRole(session: Session, schema: string): Promise<boolean> {
  if (!(await succeeds(session, `SET ROLE "${schema}"`))) return false;
  const allowed = await session.query(
    `SELECT has_schema_privilege(current_user, '${schema}', 'CREATE') AS ok`,
  );
  if (allowed.rows[0]?.['ok'] === 1) return true;
  await session.query('RESET ROLE');
  return false;
}

/** Creates the role and the schema when they are missing; true when the role is in use. */
export async function ensureSchema(session: Session, schema: string): Promise<boolean> {
  const exists = async (catalog: string) => (await session.query(catalog)).rows.length > 0;
  if (!(await exists(`SELECT 1 AS ok FROM pg_roles WHERE rolname = '${schema}'`))) {
    await succeeds(session, `CREATE ROLE "${schema}" NOLOGIN`);
    await succeeds(session, `GRANT "${schema}" TO CURRENT_USER`);
  }
  if (!(await exists(`SELECT 1 AS ok FROM pg_namespace WHERE nspname = '${schema}'`))) {
    const owned = await succeeds(session, `CREATE SCHEMA "${schema}" AUTHORIZATION "${schema}"`);
    if (!owned) await session.query(`CREATE SCHEMA "${schema}"`);
  }
  return assumeRole(session, schema);
}

export async function appliedMigrations(session: Session): Promise<AppliedMigration[]> {
  const { rows } = await session.query(migrationSelect);
  return rows as unknown as AppliedMigration[];
}

async function applyMigration(session: Session, migration: Migration): Promise<void> {
  await session.query('BEGIN');
  try {
    for (const sql of migration.sql) await session.query(renderDdl(sql, 'postgres'));
    await session.query(statementText(migrationInsert).postgres, [
      migration.version,
      migration.name,
      migrationChecksum(migration),
      new Date().toISOString(),
    ]);
    await session.query('COMMIT');
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    await session.query('ROLLBACK');
    const detail = (error as Error).message;
    throw new StoreError(
      'STORE_MIGRATION',
      `migration ${migration.version} '${migration.name}' failed: ${detail}`,
    );
  }
}

export async function migrate(session: Session, migrations: readonly Migration[]): Promise<void> {
  await session.query(renderDdl(migrationTable, 'postgres'));
  const pending = planMigrations(migrations, await appliedMigrations(session));
  for (const migration of pending) await applyMigration(session, migration);
}
