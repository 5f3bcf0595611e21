import { describe, expect, it } from 'vitest';
import { migrationChecksum, planMigrations, requireCurrent } from './migration-plan.ts';
import type { Migration } from './migration-plan.ts';

const migration = (version: number, sql = `CREATE TABLE t${version} (a TEXT)`): Migration => ({
  version,
  name: `m${version}`,
  sql: [sql],
});
const applied = (...migrations: Migration[]) =>
  migrations.map((item) => ({
    version: item.version,
    name: item.name,
    checksum: migrationChecksum(item),
  }));

describe('planMigrations', () => {
  it('leaves what is not recorded, in order, across gaps in the numbers', () => {
    const all = [migration(1), migration(2), migration(900)];
    expect(planMigrations(all, [])).toEqual(all);
    expect(planMigrations(all, applied(migration(1), migration(900)))).toEqual([migration(2)]);
    expect(planMigrations(all, applied(...all))).toEqual([]);
  });

  it('refuses a record of a migration that the program does not have', () => {
    const records = applied(migration(1), migration(2));
    expect(() => planMigrations([migration(1), migration(3)], records)).toThrow(
      'the database records an unknown migration 2',
    );
  });

  it('refuses numbers that do not grow', () => {
    expect(() => planMigrations([migration(2), migration(2)], [])).toThrow("'m2' is number 2");
    expect(() => planMigrations([migration(0)], [])).toThrow("'m0' is number 0");
  });

  it('depends on the SQL and the number, not on the name', () => {
    const renamed = { ...migration(1), name: 'better name' };
    expect(planMigrations([renamed], applied(migration(1)))).toEqual([]);
    expect(() =>
      planMigrations([migration(1, 'CREATE TABLE u (a TEXT)')], applied(migration(1))),
    ).toThrow("migration 1 'm1' was changed after it was applied");
  });
});

describe('requireCurrent', () => {
  it('asks only for the tables that the reader knows', () => {
    const records = applied(migration(1), migration(2));
    expect(() => requireCurrent([migration(2)], records)).not.toThrow();
    expect(() => requireCurrent([migration(1), migration(3)], records)).toThrow(
      'migration 3 is missing',
    );
    expect(() => requireCurrent([migration(1)], records)).toThrow('use the newer program');
  });
});
