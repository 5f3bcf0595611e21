import { expect, it } from 'vitest';
import type { Migration } from '../migration-plan.ts';
import { codeOf, insertNote, names, notesMigration } from './harness.ts';
import type { Harness } from './harness.ts';

const second: Migration = {
  version: 2,
  name: 'owner',
  sql: [
    'ALTER TABLE notes ADD COLUMN owner TEXT',
    'CREATE INDEX notes_owner ON notes (owner)',
    "UPDATE notes SET owner = 'nobody'",
  ],
};

export function migrationCases({ open, newKernel }: Harness): void {
  it('applies what is new to what is there', async () => {
    const kernel = newKernel();
    const first = await open({ kernel });
    await first.write([insertNote('a')]);
    await first.close();
    const store = await open({ kernel, migrations: [notesMigration, second] });
    expect(await store.read('SELECT name, owner FROM notes')).toEqual([
      { name: 'a', owner: 'nobody' },
    ]);
  });

  it('runs the words of its own engine where a migration has some for each', async () => {
    const own: Migration = {
      version: 2,
      name: 'own',
      sql: [
        {
          sqlite: 'CREATE VIRTUAL TABLE words USING fts5(body)',
          postgres: 'CREATE TABLE words (body TSVECTOR)',
        },
      ],
    };
    const store = await open({ migrations: [notesMigration, own] });
    await store.write([{ sql: 'INSERT INTO words (body) VALUES (?)', params: ['disk'] }]);
    expect(await store.read('SELECT COUNT(*) AS n FROM words')).toEqual([{ n: 1 }]);
  });

  it('refuses a migration that was changed after it was applied', async () => {
    const kernel = newKernel();
    await (await open({ kernel })).close();
    const changed = { ...notesMigration, sql: [...notesMigration.sql, 'CREATE TABLE x (a TEXT)'] };
    const opening = open({ kernel, migrations: [changed] });
    await expect(opening).rejects.toThrow("migration 1 'notes' was changed after it was applied");
    expect(await codeOf(opening)).toBe('STORE_MIGRATION');
  });

  it('refuses a database that is newer than the program', async () => {
    const kernel = newKernel();
    await (await open({ kernel, migrations: [notesMigration, second] })).close();
    const opening = open({ kernel });
    await expect(opening).rejects.toThrow('the database is at version 2, this program knows 1');
    expect(await codeOf(opening)).toBe('STORE_MIGRATION');
  });

  it('leaves nothing of a migration that fails, and takes its corrected form', async () => {
    const kernel = newKernel();
    const store = await open({ kernel });
    await store.write([insertNote('a')]);
    await store.close();
    const broken = { ...second, sql: [...second.sql, 'INSERT INTO nowhere VALUES (1)'] };
    const opening = open({ kernel, migrations: [notesMigration, broken] });
    await expect(opening).rejects.toThrow("migration 2 'owner' failed");
    expect(await codeOf(opening)).toBe('STORE_MIGRATION');
    const corrected = await open({ kernel, migrations: [notesMigration, second] });
    expect(await names(corrected)).toEqual(['a']);
  });

  it('refuses migrations whose numbers do not grow and macros it does not know', async () => {
    const twice = open({ migrations: [notesMigration, { ...second, version: 1 }] });
    expect(await codeOf(twice)).toBe('STORE_MIGRATION');
    const macro = { version: 1, name: 'macro', sql: ['CREATE TABLE t (a {varchar})'] };
    expect(await codeOf(open({ migrations: [macro] }))).toBe('STORE_MIGRATION');
  });

  it('enforces foreign keys', async () => {
    const migration = {
      version: 1,
      name: 'keys',
      sql: [
        'CREATE TABLE parents (id TEXT PRIMARY KEY)',
        'CREATE TABLE children (id {bigint} NOT NULL PRIMARY KEY, parent TEXT NOT NULL REFERENCES parents (id))',
      ],
    };
    const store = await open({ migrations: [migration] });
    const child = { sql: 'INSERT INTO children (id, parent) VALUES (?, ?)', params: [1, 'p'] };
    expect(await codeOf(store.write([child]))).toBe('STORE_CONSTRAINT');
    await store.write([{ sql: "INSERT INTO parents (id) VALUES ('p')" }, child]);
    expect(await store.read('SELECT id, parent FROM children')).toEqual([{ id: 1, parent: 'p' }]);
  });
}
