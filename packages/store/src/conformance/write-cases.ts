import { expect, it } from 'vitest';
import { codeOf, insertNote, names } from './harness.ts';
import type { Harness } from './harness.ts';

export function writeCases({ open }: Harness): void {
  it('keeps all statements of a write or none', async () => {
    const store = await open();
    await store.write([insertNote('a'), insertNote('b')]);
    const failed = store.write([insertNote('c'), insertNote('a')]);
    expect(await codeOf(failed)).toBe('STORE_CONSTRAINT');
    expect(await names(store)).toEqual(['a', 'b']);
  });

  it('answers the changes and the returned rows of each statement', async () => {
    const store = await open();
    const result = await store.write([
      { sql: 'INSERT INTO notes (name) VALUES (?) RETURNING seq, name', params: ['a'] },
      insertNote('b'),
      { sql: 'UPDATE notes SET size = ? WHERE size IS NULL', params: [7] },
      { sql: 'UPDATE notes SET size = 0 WHERE name = ?', params: ['nobody'] },
      { sql: 'SELECT name, size FROM notes ORDER BY name' },
    ]);
    expect(result.changes).toEqual([1, 1, 2, 0, 0]);
    expect(result.rows[0]).toEqual([{ seq: expect.any(Number), name: 'a' }]);
    expect(result.rows[1]).toEqual([]);
    expect(result.rows[4]).toEqual([
      { name: 'a', size: 7 },
      { name: 'b', size: 7 },
    ]);
  });

  it('rolls back the whole write when a statement changes another number of rows than expected', async () => {
    const store = await open();
    await store.write([insertNote('a'), insertNote('b')]);
    const update = { sql: 'UPDATE notes SET size = 1', expect: 1 };
    expect(await codeOf(store.write([insertNote('c'), update]))).toBe('WRITE_CONFLICT');
    const none = { sql: "DELETE FROM notes WHERE name = 'x'", expect: 1 };
    expect(await codeOf(store.write([insertNote('c'), none]))).toBe('WRITE_CONFLICT');
    expect(await store.read('SELECT name, size FROM notes ORDER BY name')).toEqual([
      { name: 'a', size: null },
      { name: 'b', size: null },
    ]);
    expect((await store.write([{ ...update, expect: 2 }])).changes).toEqual([2]);
  });

  it('runs one statement for many parameter rows', async () => {
    const store = await open();
    const many = Array.from({ length: 1000 }, (_, index) => [`n${index}`, index]);
    const sql = 'INSERT INTO notes (name, size) VALUES (?, ?)';
    expect((await store.write([{ sql, many, expect: 1000 }])).changes).toEqual([1000]);
    const again = store.write([
      {
        sql,
        many: [
          ['fresh', 1],
          ['n5', 1],
        ],
      },
    ]);
    expect(await codeOf(again)).toBe('STORE_CONSTRAINT');
    expect(await store.read('SELECT count(*) AS n, sum(size) AS total FROM notes')).toEqual([
      { n: 1000, total: 499500 },
    ]);
    const returned = await store.write([
      {
        sql: `${sql} RETURNING size`,
        many: [
          ['p', 1],
          ['q', 2],
        ],
      },
    ]);
    expect(returned.rows).toEqual([[{ size: 1 }, { size: 2 }]]);
  });

  it('takes an upsert and an empty write', async () => {
    const store = await open();
    const upsert = {
      sql: 'INSERT INTO notes (name, size) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET size = excluded.size',
      params: ['a', 1],
      expect: 1,
    };
    await store.write([upsert]);
    await store.write([{ ...upsert, params: ['a', 2] }]);
    expect(await store.read('SELECT size FROM notes')).toEqual([{ size: 2 }]);
    expect(await store.write([])).toEqual({ changes: [], rows: [] });
  });

  it.each([
    ['a statement of two', 'DELETE FROM notes; DELETE FROM notes'],
    ['transaction control', 'COMMIT'],
    ['a change of the schema', 'DROP TABLE notes'],
    ['a pragma', 'PRAGMA synchronous = OFF'],
    ['a numbered placeholder', 'DELETE FROM notes WHERE name = $1'],
    ['an unknown table', 'DELETE FROM nowhere'],
    ['broken syntax', 'DELETE notes FROM'],
    ['an engine of its own', "INSERT OR REPLACE INTO notes (name) VALUES ('a')"],
    ['an empty text', ''],
  ])('refuses %s with STORE_SQL and stays usable', async (_name, sql) => {
    const store = await open();
    expect(await codeOf(store.write([insertNote('gone'), { sql }]))).toBe('STORE_SQL');
    await store.write([insertNote('a')]);
    expect(await names(store)).toEqual(['a']);
  });

  it('refuses another number of parameters than placeholders', async () => {
    const store = await open();
    const sql = "INSERT INTO notes (name) VALUES (? || '?')";
    expect(await codeOf(store.write([{ sql, params: [] }]))).toBe('STORE_SQL');
    expect(await codeOf(store.write([{ sql, params: ['a', 'b'] }]))).toBe('STORE_SQL');
    await store.write([{ sql, params: ['a'] }]);
    expect(await names(store)).toEqual(['a?']);
  });
}
