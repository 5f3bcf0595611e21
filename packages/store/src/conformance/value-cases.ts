import fc from 'fast-check';
import { expect, it } from 'vitest';
import { codeOf, insertNote } from './harness.ts';
import type { Harness } from './harness.ts';
import type { Row, SqlValue, Store } from '../store.ts';

const columns = 'name, size, weight, data, done';
const insert = `INSERT INTO notes (${columns}) VALUES (?, ?, ?, ?, ?)`;

async function roundTrip(store: Store, params: SqlValue[]): Promise<Row | undefined> {
  await store.write([{ sql: 'DELETE FROM notes' }, { sql: insert, params }]);
  return (await store.read(`SELECT ${columns} FROM notes`))[0];
}

export function valueCases({ open }: Harness): void {
  it('gives back every value as it was written', async () => {
    const store = await open();
    const text = fc
      .string({ unit: 'binary', maxLength: 50 })
      .filter((value) => !value.includes('\0'));
    const property = fc.asyncProperty(
      text,
      fc.option(fc.maxSafeInteger()),
      fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })),
      fc.option(fc.uint8Array({ maxLength: 200 })),
      fc.boolean(),
      async (name, size, weight, data, done) => {
        const row = await roundTrip(store, [name, size, weight, data, done]);
        const expected = { name, size, weight, data, done: done ? 1 : 0 };
        expect(row).toEqual({ ...expected, weight: weight === null ? null : weight + 0 });
      },
    );
    await fc.assert(property, { numRuns: 60, seed: 7 });
  });

  it('holds a megabyte of text and of bytes', async () => {
    const store = await open();
    const body = 'h\u00e5ndf\u00e6st \u{1f512} '.repeat(70_000);
    const data = Uint8Array.from({ length: 1 << 20 }, (_, index) => index % 251);
    const write = 'INSERT INTO notes (name, body, data) VALUES (?, ?, ?)';
    await store.write([{ sql: write, params: ['large', body, data] }]);
    const [row] = await store.read('SELECT body, data FROM notes');
    expect(row?.['body'] === body).toBe(true);
    expect(row?.['data']).toBeInstanceOf(Uint8Array);
    expect(Buffer.compare(row?.['data'] as Uint8Array, data)).toBe(0);
  });

  it('takes bytes from the middle of a larger buffer', async () => {
    const store = await open();
    const slice = Buffer.from('0123456789').subarray(3, 6);
    expect(await roundTrip(store, ['a', 1n, 0.5, slice, true])).toEqual({
      name: 'a',
      size: 1,
      weight: 0.5,
      data: new Uint8Array([0x33, 0x34, 0x35]),
      done: 1,
    });
  });

  it('refuses a value that one engine would change or lose, and stays usable', async () => {
    const store = await open();
    const values: unknown[] = ['nul \0 inside', '\ud800', 2 ** 53, 2n ** 60n, NaN, Infinity];
    values.push(undefined, {}, new Date(0), Symbol('x'));
    for (const value of values) {
      const write = store.write([{ sql: insert, params: [value as SqlValue, 1, 1, null, true] }]);
      expect([String(value), await codeOf(write)]).toEqual([String(value), 'STORE_VALUE']);
    }
    expect(await store.read('SELECT count(*) AS n FROM notes')).toEqual([{ n: 0 }]);
  });

  it('refuses to read an integer that a number cannot hold', async () => {
    const store = await open();
    const params = ['a', Number.MAX_SAFE_INTEGER, null, null, null];
    await store.write([{ sql: insert, params }]);
    const sum = 'SELECT size + 1 AS beyond FROM notes';
    expect(await codeOf(store.read(sum))).toBe('STORE_VALUE');
    expect(await store.read('SELECT size FROM notes')).toEqual([{ size: Number.MAX_SAFE_INTEGER }]);
  });

  it('undoes a write whose returned rows cannot be read', async () => {
    const store = await open();
    const params = ['a', Number.MAX_SAFE_INTEGER, null, null, null];
    await store.write([{ sql: insert, params }]);
    const update = "UPDATE notes SET body = 'changed' RETURNING size + 1 AS beyond";
    const beside = store.write([insertNote('b')]);
    expect(await codeOf(store.write([{ sql: update }]))).toBe('STORE_VALUE');
    await beside;
    expect(await store.read('SELECT name, body FROM notes ORDER BY seq')).toEqual([
      { name: 'a', body: null },
      { name: 'b', body: null },
    ]);
  });

  it('refuses text in a column of integers and a fraction too', async () => {
    const store = await open();
    for (const size of ['many', 1.5]) {
      const write = store.write([{ sql: insert, params: ['a', size, null, null, null] }]);
      expect(await codeOf(write)).toBe('STORE_CONSTRAINT');
    }
  });

  it('reads a comparison as 0 or 1', async () => {
    const store = await open();
    const rows = await store.read('SELECT 2 > 1 AS yes, 2 < 1 AS no, NULL AS unknown');
    expect(rows).toEqual([{ yes: 1, no: 0, unknown: null }]);
  });
}
